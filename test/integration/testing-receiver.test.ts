import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { findCall, startTestReceiver, type TestReceiver } from 'callspan/testing';

let receiver: TestReceiver;
beforeEach(async () => {
  receiver = await startTestReceiver();
});
afterEach(() => receiver.close());

const TRACE = 'a'.repeat(32);
const ATTRIBUTES = [
  { key: 'gen_ai.conversation.id', value: { stringValue: 'CA1' } },
  { key: 'voice.turn.index', value: { intValue: '2' } },
  { key: 'ratio', value: { doubleValue: 0.5 } },
  { key: 'flag', value: { boolValue: false } },
  { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: 1 }] } } },
];

type Overrides = Readonly<Record<string, unknown>>;
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'bot' } }] };
const traces = (overrides: Overrides = {}) => {
  const span = {
    traceId: TRACE,
    spanId: 'b'.repeat(16),
    name: 'voice.call',
    kind: 1,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000001500000000',
    attributes: ATTRIBUTES,
    events: [{ name: 'voice.clear_sent' }],
    status: { code: 2 },
    ...overrides,
  };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'callspan' }, spans: [span] }] }] };
};
const post = (path: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${receiver.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: headers['content-encoding'] === 'gzip' ? gzipSync(JSON.stringify(body)) : JSON.stringify(body),
  });

test.each(['identity', 'gzip'])('a span sent as %s is seen as a backend would see it', async (encoding) => {
  expect((await post('/v1/traces', traces(), { 'content-encoding': encoding })).status).toBe(200);
  expect(receiver.spans()).toEqual([
    {
      traceId: TRACE,
      spanId: 'b'.repeat(16),
      parentSpanId: undefined,
      name: 'voice.call',
      kind: 'internal',
      startMs: 1_700_000_000_000,
      durationMs: 1500,
      attributes: { 'gen_ai.conversation.id': 'CA1', 'voice.turn.index': 2, ratio: 0.5, flag: false, list: ['a', 1] },
      events: [{ name: 'voice.clear_sent', attributes: {} }],
      status: 'error',
      scope: 'callspan',
      resource: { 'service.name': 'bot' },
    },
  ]);
});

test('a span that was announced is open until it has ended, and an announcement that comes late changes nothing', async () => {
  const announced = traces({ endTimeUnixNano: '0', status: undefined });
  await post('/v1/pending', announced);
  expect(findCall(receiver).openSpans.map(({ name }) => name)).toEqual(['voice.call']);
  await post('/v1/traces', traces());
  await post('/v1/pending', announced);
  expect(receiver.openSpans()).toEqual([]);
  expect(receiver.spans()).toHaveLength(1);
});

test('a span that is sent twice is one span', async () => {
  await post('/v1/traces', traces());
  await post('/v1/traces', traces());
  expect(receiver.spans()).toHaveLength(1);
});

test('log records and metrics are seen', async () => {
  const record = { eventName: 'call.started', body: { stringValue: 'hello' }, severityNumber: 9, traceId: TRACE };
  const logRecords = [record, { body: { kvlistValue: { values: [{ key: 'a', value: { intValue: 1 } }] } } }];
  await post('/v1/logs', { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'Bot' }, logRecords }] }] });
  const dataPoints = [{ attributes: [], sum: 3, count: '2', explicitBounds: [1], bucketCounts: ['1', '1'] }];
  const metrics = [
    { name: 'voice.turn.count', unit: '{turn}', sum: { dataPoints: [{ asInt: '4' }] } },
    { name: 'voice.dead_air.duration', unit: 's', histogram: { dataPoints } },
  ];
  await post('/v1/metrics', { resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] });
  expect(receiver.logs().map(({ eventName, body, scope, traceId }) => ({ eventName, body, scope, traceId }))).toEqual([
    { eventName: 'call.started', body: 'hello', scope: 'Bot', traceId: TRACE },
    { eventName: undefined, body: '{"a":1}', scope: 'Bot', traceId: undefined },
  ]);
  expect(await receiver.metrics()).toEqual([
    { name: 'voice.turn.count', unit: '{turn}', points: [{ attributes: {}, value: 4 }] },
    {
      name: 'voice.dead_air.duration',
      unit: 's',
      points: [{ attributes: {}, value: 3, count: 2, bounds: [1], bucketCounts: [1, 1] }],
    },
  ]);
});

test('what waits is told as soon as it is there', async () => {
  const arrived = receiver.waitFor('a call', () => receiver.spans().some(({ name }) => name === 'voice.call'));
  await post('/v1/traces', traces({ spanId: 'c'.repeat(16), name: 'voice.turn' }));
  await post('/v1/traces', traces());
  await expect(arrived).resolves.toBeUndefined();
  await expect(receiver.waitFor('it again', () => receiver.spans().length === 2)).resolves.toBeUndefined();
});

test('what never comes is told with what came instead', async () => {
  await post('/v1/traces', traces());
  await expect(receiver.waitFor('a reply', () => false, 20)).rejects.toThrow(
    'a reply did not come within 20 ms; spans that arrived: voice.call',
  );
});

test('a look that throws is a look that found nothing yet', async () => {
  const arrived = receiver.waitFor('a call', () => findCall(receiver));
  await post('/v1/traces', traces());
  await expect(arrived).resolves.toBeUndefined();
  await expect(receiver.waitFor('another', () => findCall(receiver, 'CA2'), 20)).rejects.toThrow(
    'another did not come within 20 ms; spans that arrived: voice.call; at last: expected call CA2',
  );
  expect((await post('/v1/traces', traces({ spanId: 'd'.repeat(16) }))).status).toBe(200);
});

test.each(['null', '3', '{"resourceSpans":[{"scopeSpans":[{"spans":[null]}]}]}', '{"resourceSpans":{"a":1}}'])(
  'JSON that is no OTLP is refused with a sentence: %s',
  async (body) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${receiver.url}/v1/traces`, { method: 'POST', headers, body });
    expect([answer.status, await answer.json()]).toEqual([415, { message: expect.any(String) }]);
  },
);

test('an empty delivery is taken: so a receiver is asked whether it is there', async () => {
  expect((await post('/v1/traces', {})).status).toBe(200);
});

test('protobuf is refused with a sentence, and so is what is no JSON', async () => {
  const protobuf = await post('/v1/traces', {}, { 'content-type': 'application/x-protobuf' });
  expect([protobuf.status, await protobuf.json()]).toEqual([
    415,
    { message: 'this receiver reads OTLP/JSON, not application/x-protobuf' },
  ]);
  const broken = await fetch(receiver.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{',
  });
  expect(broken.status).toBe(415);
});

test('after reset nothing is left', async () => {
  await post('/v1/traces', traces());
  await post('/v1/pending', traces({ spanId: 'd'.repeat(16), endTimeUnixNano: '0' }));
  receiver.reset();
  expect([receiver.spans(), receiver.openSpans(), receiver.logs(), await receiver.metrics()]).toEqual([[], [], [], []]);
});

test('a wrong option is refused by name, value and expected form', async () => {
  await expect(startTestReceiver({ port: 70_000 })).rejects.toThrow('port is 70000; expected a port number');
});

test('a bot that is started with its variables sends nothing that an earlier run could not deliver', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-testing-'));
  const run = (env: Readonly<Record<string, string>>) =>
    promisify(execFile)(
      process.execPath,
      ['--conditions=source', '--require', './otel/preload.cjs', 'test/fixtures/apps/traced-app.ts'],
      { env: { PATH: process.env.PATH, CALLSPAN_DATA_DIR: folder, ...env } },
    );
  await run({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  await run(receiver.env);
  rmSync(folder, { recursive: true });
  expect(receiver.spans().filter(({ name }) => name === 'voice.call')).toHaveLength(1);
});
