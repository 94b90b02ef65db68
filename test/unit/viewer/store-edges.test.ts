import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { acceptLogs, acceptSpans } from '../../../services/viewer/adapters/otlp/accept.ts';
import { parseLogsJson } from '../../../services/viewer/adapters/otlp/json-logs.ts';
import { parseTracesJson } from '../../../services/viewer/adapters/otlp/json-traces.ts';
import { createTelemetryStore } from '../../../services/viewer/adapters/sqlite/store.ts';
import type { TelemetryStore } from '../../../services/viewer/domain/ports.ts';
import {
  type SampleLog,
  type SampleSpan,
  spanIdOf,
  T0_MS,
  toLogsBody,
  toTracesBody,
  traceIdOf,
} from '../../helpers/otlp-samples.ts';

let folder: string;
let file: string;
let store: TelemetryStore;
let nowMs = T0_MS;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-store-'));
  file = join(folder, 'viewer', 'store.db');
  nowMs = T0_MS;
  store = createTelemetryStore({ file, now: () => nowMs });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const toBytes = (body: object) => Buffer.from(JSON.stringify(body));
const saveSpans = (spans: readonly SampleSpan[], service?: string) =>
  store.save({
    spans: [true, false].flatMap(
      (open) => acceptSpans(parseTracesJson(toBytes(toTracesBody(spans, service))), { open }).kept,
    ),
    logs: [],
  });
const saveLogs = (logs: readonly SampleLog[]) =>
  store.save({ spans: [], logs: acceptLogs(parseLogsJson(toBytes(toLogsBody(logs)))).kept });
const query = (sql: string) => {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
};

const sid = { 'gen_ai.conversation.id': 'CA1' };
const webhook: SampleSpan = { spanId: spanIdOf(1), name: 'POST /voice', kind: 2, endMs: 6, attributes: sid };
const call: SampleSpan = {
  spanId: spanIdOf(2),
  parentSpanId: spanIdOf(1),
  name: 'voice.call',
  startMs: 30,
  endMs: 9030,
  attributes: {
    ...sid,
    'twilio.stream.sid': 'MZ1',
    'voice.call.outcome': 'saved',
    'voice.call.end_reason': 'bot_hangup',
    'voice.call.language': 'fr',
    'voice.call.direction': 'inbound',
    'voice.caller.hash': 'abcd',
  },
};
const turn = (index: number): SampleSpan => ({
  spanId: spanIdOf(10 + index),
  parentSpanId: spanIdOf(2),
  name: 'voice.turn',
  startMs: 100 + index * 1000,
  endMs: 900 + index * 1000,
  attributes: { ...sid, 'voice.turn.index': index, 'voice.turn.end_reason': 'completed' },
});

test('a mark of synthetic calls or a turn index that is a map is passed over, and the call can still be read', () => {
  const [span] = acceptSpans(parseTracesJson(toBytes(toTracesBody([webhook]))), { open: false }).kept;
  const map = Object.assign(Object.create(null), { a: 'b' });
  const marked = { ...span!, attributes: { ...span!.attributes, 'callspan.canary': map } };
  expect(store.save({ spans: [marked], logs: [] }).spans).toHaveLength(1);
  expect(query('SELECT canary FROM red_series')).toEqual([{ canary: 'none' }]);
  saveSpans([turn(1), call]);
  const [log] = acceptLogs(
    parseLogsJson(toBytes(toLogsBody([{ body: 'hi', eventName: 'voice.transcript', attributes: sid }]))),
  ).kept;
  store.save({ spans: [], logs: [{ ...log!, attributes: { 'voice.turn.index': map } }] });
  expect(store.findCall('CA1')).toMatchObject({ turnList: [{ index: 1, transcribed: null }] });
});

test('only a store that is locked, full or out of reach asks for telemetry to be sent again', () => {
  const [span] = acceptSpans(parseTracesJson(toBytes(toTracesBody([webhook]))), { open: false }).kept;
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  expect(() => store.save({ spans: [span!], logs: [] })).toThrow(expect.objectContaining({ code: 'busy' }));
  other.exec('ROLLBACK');
  other.close();
  const broken = { ...span!, name: undefined as unknown as string };
  expect(() => store.save({ spans: [broken], logs: [] })).toThrow(expect.not.objectContaining({ code: 'busy' }));
  expect(store.save({ spans: [span!], logs: [] }).spans).toHaveLength(1);
});

test('when another trace of a call becomes the one that is listed, that is told', () => {
  const second = { ...webhook, traceId: traceIdOf(2), startMs: 5000, endMs: 5006 };
  saveSpans([webhook, second]);
  const earlier = { ...webhook, traceId: traceIdOf(2), spanId: spanIdOf(9), startMs: -5000, endMs: -4000 };
  expect(saveSpans([earlier]).calls).toMatchObject([{ callSid: 'CA1', traceId: traceIdOf(1), startedAtMs: T0_MS }]);
  const page = store.listCalls({ limit: 10, beforeMs: undefined, callSid: undefined });
  expect(page.calls).toMatchObject([{ traceId: traceIdOf(1) }]);
});

test('log records of no trace are deleted in steps, and the last step says that nothing is left', () => {
  const logs = Array.from({ length: 90 }, (_, index) => ({ body: `line ${index}`, traceId: '' }));
  saveLogs(logs);
  const left = () => query('SELECT count(*) AS logs FROM logs')[0]?.logs;
  expect([store.deleteOld(T0_MS + 1, 1), left()]).toEqual([1, 50]);
  expect([store.deleteOld(T0_MS + 1, 1), left()]).toEqual([1, 10]);
  expect([store.deleteOld(T0_MS + 1, 1), left()]).toEqual([0, 0]);
});
