import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SpanStatusCode } from '@opentelemetry/api';
import { createCallspan, createTracedFetch, type Fetch } from '../../../otel/src/index.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

let recorder: SpanRecorder;
let server: Server | undefined;
beforeEach(() => {
  recorder = startSpanRecorder();
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await recorder.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const CHAT = 'http://127.0.0.1/v1/chat/completions';
const body = (fields: object) => ({ method: 'POST', body: JSON.stringify({ model: 'gpt-6-luna', ...fields }) });
const traced = (fetchThrough: Fetch) =>
  createTracedFetch(fetchThrough, { callspan: createCallspan({ tracer: recorder.tracer }) });
const answering = (answer: () => Response) => traced(async () => answer());

/** A source that counts how often it was asked; `chunks` of 3 bytes. */
function countingSource(chunks: number) {
  const counts = { pulls: 0, cancelled: undefined as unknown };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        counts.pulls += 1;
        if (counts.pulls > chunks) controller.close();
        else controller.enqueue(new Uint8Array([counts.pulls, 0, 255]));
      },
      cancel(reason) {
        counts.cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { counts, stream };
}

const settle = async () => {
  for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('the source is asked for a chunk only when the consumer asks for one', async () => {
  const { counts, stream } = countingSource(5);
  const response = await answering(() => new Response(stream))(CHAT, body({}));
  await settle();
  expect(counts.pulls).toBe(0);
  const reader = response.body!.getReader();
  for (let read = 1; read <= 3; read += 1) {
    expect((await reader.read()).value).toEqual(new Uint8Array([read, 0, 255]));
    await settle();
    expect(counts.pulls).toBe(read);
  }
});

test('a fetched body stays a byte stream, and every byte is the same', async () => {
  const sent = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
  const url = await serve((_request, response) => void response.writeHead(200).end(sent));
  const fetchThrough = traced(fetch);
  const whole = await (await fetchThrough(`${url}/audio/speech`, body({ input: 'a' }))).arrayBuffer();
  expect(Buffer.from(whole).equals(sent)).toBe(true);
  const reader = (await fetchThrough(`${url}/audio/speech`, body({ input: 'b' }))).body!.getReader({ mode: 'byob' });
  const parts: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(7_777));
    if (done) break;
    parts.push(value);
  }
  expect(Buffer.concat(parts).equals(sent)).toBe(true);
  expect(recorder.spans().map((span) => span.status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.UNSET]);
});

test('a response keeps its address, redirection, headers and status, and so does its clone', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/v1/old/responses') return void response.writeHead(307, { location: '/v1/responses' }).end();
    response.writeHead(201, 'Made', { 'x-one': '1', 'content-type': 'application/json' });
    return void response.end('{"a":1}');
  });
  const plain = await fetch(`${url}/old/responses`, body({}));
  const response = await traced(fetch)(`${url}/old/responses`, body({}));
  const clone = response.clone();
  for (const made of [response, clone]) {
    expect(made).toBeInstanceOf(Response);
    const facts = ({ url: at, redirected, status, statusText, ok, type }: Response) => [
      at,
      redirected,
      status,
      statusText,
      ok,
      type,
    ];
    expect(facts(made)).toEqual(facts(plain));
    expect([...made.headers].filter(([name]) => name !== 'date')).toEqual(
      [...plain.headers].filter(([name]) => name !== 'date'),
    );
    expect(made.bodyUsed).toBe(false);
    expect(await made.json()).toEqual({ a: 1 });
    expect(made.bodyUsed).toBe(true);
  }
  expect(recorder.spans()).toHaveLength(1);
});

test('a consumer that stops ends the span as cancelled, and the source hears why', async () => {
  const { counts, stream } = countingSource(100);
  const response = await answering(() => new Response(stream))(CHAT, body({}));
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel('barge-in');
  const span = recorder.named('chat gpt-6-luna');
  expect(counts.cancelled).toBe('barge-in');
  expect(span.attributes['error.type']).toBe('cancelled');
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
});

test('a consumer that stops after the last event has stopped nothing', async () => {
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(Buffer.from('data: {"choices":[]}\n\ndata: [DONE]\n\n')),
  });
  const headers = { 'content-type': 'text/event-stream' };
  const response = await answering(() => new Response(stream, { headers }))(CHAT, body({}));
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  expect(recorder.named('chat gpt-6-luna').attributes['error.type']).toBeUndefined();
});

test('an answer that breaks off fails its span and passes its error on', async () => {
  const broken = new TypeError('terminated');
  const stream = new ReadableStream({ pull: () => Promise.reject(broken) }, { highWaterMark: 0 });
  const response = await answering(() => new Response(stream))(CHAT, body({}));
  await expect(response.text()).rejects.toBe(broken);
  const span = recorder.named('chat gpt-6-luna');
  expect(span.attributes['error.type']).toBe('api');
  expect(span.status.code).toBe(SpanStatusCode.ERROR);
});

test('an answer that says itself that it failed fails its span, though its bytes came through', async () => {
  const stream = 'data: {"type":"response.failed","response":{"status":"failed","error":{"code":"server_error"}}}\n\n';
  const headers = { 'content-type': 'text/event-stream' };
  const response = await answering(() => new Response(stream, { headers }))('http://127.0.0.1/v1/responses', body({}));
  expect(await response.text()).toBe(stream);
  expect(recorder.named('chat gpt-6-luna').attributes['error.type']).toBe('model');
});

test('an abort reaches the source and is an outcome, not an error', async () => {
  let closed: () => void = () => {};
  const gone = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const url = await serve((request) => void request.socket.on('close', () => closed()));
  const stop = new AbortController();
  const pending = traced(fetch)(`${url}/responses`, { ...body({}), signal: stop.signal });
  await once(server!, 'request');
  stop.abort();
  await expect(pending).rejects.toThrow('aborted');
  await gone;
  expect(recorder.named('chat gpt-6-luna').attributes['error.type']).toBe('cancelled');
  expect(recorder.named('chat gpt-6-luna').status.code).toBe(SpanStatusCode.UNSET);
});

test('a caller who hangs up while an answer streams is no timeout, however long the answer has run', async () => {
  const url = await serve((_request, response) => void response.writeHead(200).write('a'));
  const stop = new AbortController();
  const headers = { 'x-stainless-timeout': '0.001' };
  const response = await traced(fetch)(`${url}/responses`, { ...body({}), headers, signal: stop.signal });
  const reader = response.body!.getReader();
  await reader.read();
  const startedAt = performance.now();
  while (performance.now() - startedAt < 2) await settle();
  stop.abort();
  await expect(reader.read()).rejects.toThrow('aborted');
  expect(recorder.named('chat gpt-6-luna').attributes['error.type']).toBe('cancelled');
});
