import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCallspan, createTracedFetch } from '../../../otel/src/index.ts';
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
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function runModel<T>(work: (tracedFetch: typeof fetch) => Promise<T>): Promise<T> {
  const call = createCallspan({ tracer: recorder.tracer }).startCall({
    callSid: 'CA1',
    streamSid: 'MZ1',
    accountSid: 'AC1',
  });
  const result = await call.runModel({ name: 'chat test' }, undefined, () => work(createTracedFetch()));
  call.end({ reason: 'bot_hangup', outcome: 'saved' });
  return result;
}

const EVENTS = [
  { model: 'm-2026', choices: [{ delta: { role: 'assistant' } }] },
  { model: 'm-2026', choices: [{ delta: { content: 'Bonjour' } }] },
  { model: 'm-2026', choices: [{ delta: {}, finish_reason: 'stop' }] },
  {
    model: 'm-2026',
    choices: [],
    usage: { prompt_tokens: 12, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 8 } },
  },
];
const STREAM = `${EVENTS.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`;

test('a traced fetch inside another one counts the request once', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"usage":{"prompt_tokens":12}}');
  });
  await runModel(async (tracedFetch) => (await createTracedFetch(tracedFetch)(url)).text());
  const { attributes } = recorder.named('chat test');
  expect(attributes['gen_ai.usage.input_tokens']).toBe(12);
  expect(attributes['http.request.resend_count']).toBeUndefined();
});

test('a streamed answer leaves first chunk, usage, model and request id on the span, and its bytes untouched', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });
    for (const byte of Buffer.from(STREAM)) response.write(Buffer.from([byte]));
    response.end();
  });
  const text = await runModel(async (tracedFetch) => (await tracedFetch(url)).text());
  expect(text).toBe(STREAM);
  const span = recorder.named('chat test');
  expect(span.attributes).toMatchObject({
    'gen_ai.response.model': 'm-2026',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 12,
    'gen_ai.usage.output_tokens': 3,
    'gen_ai.usage.cache_read.input_tokens': 8,
    'voice.provider.request_id': 'req_1',
  });
  expect(span.events.map((event) => event.name)).toEqual(['gen_ai.first_chunk']);
  expect(recorder.spans().filter((span) => span.name === 'model.attempt')).toHaveLength(0);
});

test('a retried call shows each attempt as a child, the failed one with its status', async () => {
  let requests = 0;
  const url = await serve((_request, response) => {
    requests += 1;
    response.writeHead(requests === 1 ? 429 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ model: 'm', usage: { prompt_tokens: 1, completion_tokens: 2 } }));
  });
  await runModel(async (tracedFetch) => {
    await (await tracedFetch(url)).text();
    await (await tracedFetch(url)).text();
  });
  const attempts = recorder.spans().filter((span) => span.name === 'model.attempt');
  expect(
    attempts.map((span) => [
      span.attributes['http.request.resend_count'],
      span.attributes['http.response.status_code'],
      span.attributes['error.type'],
    ]),
  ).toEqual([
    [0, 429, 'rate_limit'],
    [1, 200, undefined],
  ]);
  expect(
    attempts.every((span) => span.parentSpanContext?.spanId === recorder.named('chat test').spanContext().spanId),
  ).toBe(true);
});

test('a request that was aborted and then asked again ran out of time, and so did one that took as long', async () => {
  const url = await serve(() => undefined);
  let timeoutMs = 60;
  const ask = async (tracedFetch: typeof fetch) => {
    const stop = new AbortController();
    const startedAtMs = performance.now();
    setTimeout(() => stop.abort(), timeoutMs);
    const failure = await tracedFetch(url, { signal: stop.signal }).catch((error: Error) => error.name);
    // A timer may be late: the next one is as late at least.
    timeoutMs = performance.now() - startedAtMs;
    return failure;
  };
  expect(await runModel(async (tracedFetch) => [await ask(tracedFetch), await ask(tracedFetch)])).toEqual([
    'AbortError',
    'AbortError',
  ]);
  const attempts = recorder.spans().filter((span) => span.name === 'model.attempt');
  expect(attempts.map((span) => span.attributes['error.type'])).toEqual(['timeout', 'timeout']);
});

test('a request that was aborted for good was given up', async () => {
  let count = 0;
  const url = await serve((_request, response) => {
    count += 1;
    if (count === 1) response.writeHead(500).end();
  });
  await runModel(async (tracedFetch) => {
    await (await tracedFetch(url)).text();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    await tracedFetch(url, { signal: stop.signal }).catch(() => undefined);
  });
  const attempts = recorder.spans().filter((span) => span.name === 'model.attempt');
  expect(attempts.map((span) => span.attributes['error.type'])).toEqual(['api', 'cancelled']);
});

test("the openai package's probe of fetch is no attempt", async () => {
  const url = await serve((_request, response) => response.end('{}'));
  await runModel(async (tracedFetch) => {
    await tracedFetch('data:,');
    await (await tracedFetch(url)).text();
  });
  expect(recorder.spans().filter((span) => span.name === 'model.attempt')).toHaveLength(0);
});

test('an answer that makes no sense passes through: watching never breaks what is watched', async () => {
  const nonsense = 'data: {"choices":[null]}\n\ndata: {"usage":7,"choices":{}}\n\ndata: [1]\n\n';
  const url = await serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(nonsense);
  });
  expect(await runModel(async (tracedFetch) => (await tracedFetch(url)).text())).toBe(nonsense);
});

test('outside a model call it is plain fetch', async () => {
  const url = await serve((_request, response) => response.end('plain'));
  expect(await (await createTracedFetch()(url)).text()).toBe('plain');
  expect(recorder.spans()).toHaveLength(0);
});

test('a network failure passes through untouched', async () => {
  const failure = new TypeError('fetch failed');
  const tracedFetch = createTracedFetch(() => Promise.reject(failure));
  await expect(tracedFetch('http://127.0.0.1:1/')).rejects.toBe(failure);
});

test('headers that can be read only once are left to the request', async () => {
  const url = await serve((request, response) => response.end(request.headers.authorization));
  const headers = new Map([['authorization', 'Bearer key']]).entries() as unknown as [string, string][];
  const answer = await runModel(async (tracedFetch) => (await tracedFetch(url, { headers })).text());
  expect(answer).toBe('Bearer key');
});
