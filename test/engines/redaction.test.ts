import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attr, gapSegmentKey, LogEvent, SEGMENTS } from 'callspan/conventions';
import { parse } from 'yaml';
import { hashCaller } from '../../otel/src/caller-hash.ts';
import { kindOfKey } from '../../otel/src/redaction/keys.ts';
import { findPlanted, PLANTED } from '../helpers/planted.ts';
import { HMAC_KEY, type RunningCollector, startCollector } from './stage/collector.ts';
import { eventually } from './stage/engine.ts';
import { type OtlpValue, toAttributes, toLogs, toSpans, toSums } from './stage/otlp-json.ts';
import { OWN } from './stage/own-files.ts';
import { type SpanSink, startSpanSink } from './stage/span-sink.ts';

const CALL_SID = 'CA0123456789abcdef0123456789abcdef';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
/** Whatever no rule can find by its form is taken out where it is said, in the services. */
const { name: _name, street: _street, spoken: _spoken, ...FOUND } = PLANTED;
const LINE = Object.values({
  ...FOUND,
  french: '+33 (0)6 39 98 12 34',
  zeros: '0033639981234',
  card: '4111111111111111',
  signIn: 'https://bob:4111-1111@example.com/',
}).join(' / ');
/** What is searched by, or is a number for its own sake. */
const KEPT: Readonly<Record<string, OtlpValue>> = {
  [Attr.conversationId]: CALL_SID,
  [Attr.callerHash]: '4123456789012345',
  [Attr.requestModel]: 'gpt-4o-2024-08-06',
  [Attr.providerRequestId]: 'req_41234567890123456789012345678901',
  [Attr.inputTokens]: 1_234_567_890,
  [Attr.costUsd]: 0.061_234_567_8,
  [Attr.extractionGroundedRatio]: 1 / 3,
  'made.up.duration_ns': 33_612_345_678,
  'made.up.bytes': 2_345_678_901,
  'made.up.ratio': 2 / 3,
  'made.up.share': `${2 / 3} of all`,
  'made.up.version': '24.21.0',
  'made.up.time': '2026-11-21T22:10:33.123Z',
  'made.up.epoch': '1795212345678123456',
  'made.up.uuid': '41234567-8901-2345-8012-345678901234',
  'made.up.traceparent': `00-${TRACE_ID}-b7ad6b7169203331-01`,
  'made.up.loopback': '127.0.0.1:5432 and 0.0.0.0',
  'made.up.stack': 'at open (/app/node_modules/foo@1.2.3/index.js:10:23)',
  'http.route': '/v1/chat/completions',
};
const BY_KEY = { callerPhone: 'x', 'customer.name': 'y', password: 'z', 'client.address': 'w', 'x.api_key': 'v' };
const CONTENT = { 'gen_ai.input.messages': 'I am ill', 'tool.arguments': 'ill too' };
const RESOURCE = { [Attr.serviceName]: 'bot', [Attr.serviceVersion]: '1.2.3.4' };

let folder: string;
let store: SpanSink;
let viewer: SpanSink;
let collector: RunningCollector;

async function start(env: Readonly<Record<string, string>>): Promise<void> {
  collector = await startCollector({ files: [OWN.collector], folder, store, viewer, env });
}

async function send(path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${collector.otlpUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect([path, response.status]).toEqual([path, 200]);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-redaction-'));
  [store, viewer] = await Promise.all([startSpanSink(), startSpanSink()]);
});
afterEach(async () => {
  await collector.stop();
  store.close();
  viewer.close();
  rmSync(folder, { recursive: true });
});

const LOGS = [
  { body: LINE, attributes: { message: LINE } },
  { body: { kvlistValue: { values: toAttributes({ said: LINE, size: 5 }) } } },
  { eventName: LogEvent.transcript, body: 'I am ill', attributes: { [Attr.turnIndex]: 1, text: 'I am ill' } },
  { body: 'I am ill', attributes: { 'event.name': LogEvent.reply } },
  { eventName: 'gen_ai.user.message', body: { kvlistValue: { values: toAttributes({ content: 'I am ill' }) } } },
  { eventName: LogEvent.envelope, body: '[[0.5,0.25]]' },
  { eventName: `called.${PLANTED.email}`, body: 'x' },
] as const;

async function sendAll(): Promise<void> {
  const events = [
    { name: 'exception', attributes: { 'exception.message': LINE, ...CONTENT } },
    { name: `called ${PLANTED.e164}`, attributes: {} },
  ];
  const attributes = { note: LINE, bare: PLANTED.e164, list: [LINE], ...BY_KEY, ...CONTENT, ...KEPT };
  const named = { name: `GET /callers/${PLANTED.e164}`, statusMessage: LINE, attributes, events };
  const plain = { name: 'voice.turn', attributes: { ...KEPT } };
  await send(
    '/v1/traces',
    toSpans(RESOURCE, [
      { traceId: TRACE_ID, spanId: 'b7ad6b7169203331', ...named },
      { traceId: TRACE_ID, spanId: 'c7ad6b7169203331', ...plain },
    ]),
  );
  await send('/v1/logs', toLogs(RESOURCE, LOGS));
  await send('/v1/metrics', toSums(RESOURCE, { 'made.up': { label: LINE } }));
  const isThere = ({ spans, logs, metrics }: SpanSink) => spans.length === 2 && logs.length === 7 && metrics.length > 0;
  await eventually('everything is at the store and at the viewer', 10_000, () => isThere(store) && isThere(viewer));
}

const write = (value: unknown) => JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? `${inner}` : inner));

test('nothing personal that has a form passes, at any place, and what is searched by stays', async () => {
  await start({});
  await sendAll();
  for (const { spans, logs, metrics } of [store, viewer]) {
    expect(findPlanted(write({ spans, logs, metrics }))).toEqual([]);
    const [span] = spans;
    const written = Object.entries(span?.attributes ?? {}).map(([key, value]) => [key, write(value)]);
    expect(Object.fromEntries(written)).toMatchObject(
      Object.fromEntries(Object.entries(KEPT).map(([key, value]) => [key, write(value).replace(/^(\d+)$/, '"$1"')])),
    );
    expect([span?.traceId, span?.resource.attributes]).toEqual([TRACE_ID, RESOURCE]);
    for (const key of Object.keys(BY_KEY))
      expect([key, span?.attributes[key]]).toEqual([key, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    // The same number has the same hash wherever it stands, and begins as the caller's.
    const hash = String(span?.attributes.bare);
    expect(hash.slice(0, 16)).toBe(hashCaller(PLANTED.e164, HMAC_KEY));
    expect([write(span?.attributes.note), write(logs[0]?.body)]).toEqual([
      expect.stringContaining(hash),
      expect.stringContaining(hash),
    ]);
  }
}, 60_000);

test('a span with nothing personal comes out as it went in', async () => {
  await start({});
  await sendAll();
  const [, plain] = store.spans;
  expect([plain?.name, Object.keys(plain?.attributes ?? {}).sort()]).toEqual(['voice.turn', Object.keys(KEPT).sort()]);
}, 60_000);

test('names of spans, events and log records say that they were personal, and have no hash', async () => {
  await start({});
  await sendAll();
  const [span, plain] = store.spans;
  expect([span?.name, ...(span?.events ?? []).map(({ name }) => name)]).toEqual([
    '<personal>',
    'exception',
    '<personal>',
  ]);
  expect(plain?.name).toBe('voice.turn');
  const record = store.logs.at(-1);
  expect([record?.eventName, record?.attributes['event.name']]).toEqual(['<personal>', '<personal>']);
  expect(write([store.spans, store.logs])).not.toContain('redaction.name');
}, 60_000);

test('content is taken out of logs, spans and events; the envelope of numbers is none', async () => {
  await start({});
  await sendAll();
  expect(store.logs.slice(2, 6).map(({ body }) => body)).toEqual([
    '<content>',
    '<content>',
    '<content>',
    '[[0.5,0.25]]',
  ]);
  expect(store.logs[2]?.attributes).toEqual({ [Attr.turnIndex]: 1n, 'event.name': LogEvent.transcript });
  expect(write({ logs: store.logs, spans: store.spans })).not.toContain(' ill');
}, 60_000);

test('content passes where CALLSPAN_CAPTURE is masked, without what has the form of personal data', async () => {
  await start({ CALLSPAN_CAPTURE: 'masked' });
  await sendAll();
  expect(store.logs[2]?.body).toBe('I am ill');
  expect(store.spans[0]?.attributes['gen_ai.input.messages']).toBe('I am ill');
  expect(findPlanted(write({ spans: store.spans, logs: store.logs }))).toEqual([]);
}, 60_000);

test('only attributes of the contract that no words can be in are not looked at, and all of those', () => {
  const file = parse(readFileSync(OWN.collector, 'utf8'), { merge: true }) as {
    processors: Record<string, { ignored_keys: string[] }>;
  };
  const closed = [...Object.values(Attr), ...SEGMENTS.map(gapSegmentKey)].filter(
    (key) => kindOfKey(key).kind === 'closed',
  );
  const others = [
    'telemetry.sdk.version',
    'process.runtime.version',
    Attr.callerHash,
    Attr.providerRequestId,
    'trace_id',
    'span_id',
  ];
  for (const name of ['redaction', 'redaction/digits', 'redaction/metrics', 'redaction/metric-digits']) {
    expect([name, file.processors[name]?.ignored_keys.toSorted()]).toEqual([name, [...closed, ...others].toSorted()]);
  }
});
