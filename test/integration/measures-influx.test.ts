import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import { createProblems, type Problems } from '../../otel/src/logs/problems.ts';
import { type InfluxListener, openInfluxListener } from '../../otel/src/measures/influx-listener.ts';
import type { Measure } from '../../otel/src/measures/measure.ts';
import { type InfluxLine, parseLineProtocol } from '../helpers/line-protocol.ts';
import { unpackBody } from '../helpers/request-body.ts';

const { jest } = import.meta;

type Answer = (response: ServerResponse) => void;
const OK: Answer = (response) => response.writeHead(204).end();

/** An InfluxDB 2 as far as writing goes: checks who asks, keeps what came. */
let server: Server;
let url: string;
let lines: InfluxLine[];
let requests: { readonly token: string | undefined; readonly target: string; readonly bytes: number }[];
let answers: Answer[];
let problems: Problems;
let open: InfluxListener[];

beforeEach(async () => {
  lines = [];
  requests = [];
  answers = [];
  open = [];
  problems = createProblems(() => undefined);
  server = createServer((request, response) => void take(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(async () => {
  for (const one of open) await one.close(0);
  server.closeAllConnections();
  server.close();
});

async function take(request: IncomingMessage, response: ServerResponse) {
  const sent = Buffer.concat(await request.toArray());
  const body = unpackBody(request, sent).toString();
  requests.push({ token: request.headers.authorization, target: request.url ?? '', bytes: body.length });
  const answer = answers.shift() ?? OK;
  if (answer === OK) lines.push(...parseLineProtocol(body));
  answer(response);
}

const listen = (flushMs = 20) => {
  const told = { url, token: 's3cret', org: 'acme & co', bucket: 'voice', service: 'bot', flushMs };
  const listener = openInfluxListener(told, problems);
  open.push(listener);
  return listener;
};
const measure = (index: number, more: Partial<Measure> = {}): Measure => ({
  stage: 'reply',
  name: 'chat gpt-6, luna=mini',
  durationMs: 12.5 + index,
  status: 'success',
  timestampMs: 1_790_000_000_123 + index,
  ...more,
});
const seen = async (isThere: () => boolean) => {
  while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
};

test('measures arrive as line protocol, in milliseconds, with the token, for the organisation and the bucket', async () => {
  const { listener } = listen();
  const known = { callSid: 'CA1', streamSid: 'MZ1', turnIndex: 2, traceId: 'abc', provider: 'openai', model: 'gpt 6' };
  listener(measure(0, { ...known, status: 'error', errorType: 'api', errorMessage: 'said "no" \\ twice' }));
  listener(measure(1));
  await seen(() => lines.length === 2);
  expect(requests).toEqual([
    {
      token: 'Token s3cret',
      target: '/api/v2/write?org=acme%20%26%20co&bucket=voice&precision=ms',
      bytes: expect.any(Number),
    },
  ]);
  const tags = { service: 'bot', operation_type: 'reply', operation_name: 'chat gpt-6, luna=mini' };
  expect(lines).toEqual([
    {
      measurement: 'voice_stage',
      tags: { ...tags, status: 'error', provider: 'openai', model: 'gpt 6', error_type: 'api' },
      fields: {
        latency_ms: 12.5,
        call_sid: 'CA1',
        stream_sid: 'MZ1',
        trace_id: 'abc',
        error_message: 'said "no" \\ twice',
        turn_index: 2n,
      },
      timestamp: 1_790_000_000_123n,
    },
    {
      measurement: 'voice_stage',
      tags: { ...tags, status: 'success' },
      fields: { latency_ms: 13.5 },
      timestamp: 1_790_000_000_124n,
    },
  ]);
});

test('a server that fails is tried again with the same lines; none is lost and none comes twice', async () => {
  const { listener } = listen();
  answers = [
    (response) => response.writeHead(503).end(),
    (response) => response.destroy(),
    (response) => response.writeHead(429, { 'retry-after': '0' }).end(),
  ];
  for (let index = 0; index < 3; index += 1) listener(measure(index));
  await seen(() => lines.length >= 3);
  expect(lines.map((line) => line.fields.latency_ms)).toEqual([12.5, 13.5, 14.5]);
  expect(problems.count('influx_failed')).toBe(3);
  expect(requests).toHaveLength(4);
});

test('the longer a server is away, the later it is asked again', async () => {
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setInterval', 'performance', 'Date'],
  });
  try {
    const { listener } = listen(1000);
    answers = Array.from({ length: 4 }, () => (response) => void response.writeHead(503).end());
    listener(measure(0));
    for (const [index, waitMs] of [1000, 2000, 4000, 8000].entries()) {
      await jest.advanceTimersByTimeAsync(waitMs - 1);
      expect(jest.getTimerCount()).toBe(1);
      expect(requests).toHaveLength(index);
      await jest.advanceTimersByTimeAsync(1);
      await seen(() => problems.count('influx_failed') === index + 1);
    }
    await jest.advanceTimersByTimeAsync(16_000);
    await seen(() => lines.length === 1);
  } finally {
    jest.useRealTimers();
  }
});

test('its requests are no spans of anybody: tracing is suppressed around them', async () => {
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  const suppressed: boolean[] = [];
  const look = () => void suppressed.push(isTracingSuppressed(context.active()));
  subscribe('http.client.request.start', look);
  listen().listener(measure(0));
  await seen(() => lines.length === 1);
  unsubscribe('http.client.request.start', look);
  context.disable();
  expect(suppressed).toEqual([true]);
});

test('a batch that the server refuses is left out and counted; the rest goes on', async () => {
  const { listener } = listen();
  answers = [(response) => response.writeHead(400, { 'content-type': 'application/json' }).end('{"code":"invalid"}')];
  listener(measure(0));
  await seen(() => problems.count('influx_refused') === 1);
  listener(measure(1));
  await seen(() => lines.length === 1);
  expect(lines[0]?.fields.latency_ms).toBe(13.5);
});

test('while the server is away 10,000 lines wait, the oldest goes first and each one is counted', async () => {
  const { listener, close } = listen(3_600_000);
  for (let index = 0; index < 10_003; index += 1) listener(measure(index));
  expect(problems.count('influx_left_out')).toBe(3);
  await close(30_000);
  expect(lines).toHaveLength(10_000);
  expect(lines[0]?.fields.latency_ms).toBe(15.5);
  expect(Math.max(...requests.map((request) => request.bytes))).toBeLessThan(200_000);
});

test('closing sends what waits; with a server that never answers it is over at its deadline', async () => {
  const { listener, close } = listen(3_600_000);
  listener(measure(0));
  await close(10_000);
  expect(lines).toHaveLength(1);
  const silent = listen(3_600_000);
  answers = [() => undefined];
  silent.listener(measure(1));
  await silent.close(50);
  expect(problems.count('influx_left_out')).toBe(1);
  listener(measure(2));
  silent.listener(measure(2));
  expect(lines).toHaveLength(1);
});
