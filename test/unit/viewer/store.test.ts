import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { acceptLogs, acceptSpans } from '../../../services/viewer/adapters/otlp/accept.ts';
import { parseLogsJson } from '../../../services/viewer/adapters/otlp/json-logs.ts';
import { parseTracesJson } from '../../../services/viewer/adapters/otlp/json-traces.ts';
import { createTelemetryStore } from '../../../services/viewer/adapters/sqlite/store.ts';
import { DURATION_BOUNDS_MS, findBucket } from '../../../services/viewer/domain/duration-bounds.ts';
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
const open = (span: SampleSpan): SampleSpan => ({ ...span, endMs: null, attributes: sid });
const turn = (index: number): SampleSpan => ({
  spanId: spanIdOf(10 + index),
  parentSpanId: spanIdOf(2),
  name: 'voice.turn',
  startMs: 100 + index * 1000,
  endMs: 900 + index * 1000,
  attributes: { ...sid, 'voice.turn.index': index, 'voice.turn.end_reason': 'completed' },
});
const stage = (number: number, durationMs: number, extra: Partial<SampleSpan> = {}): SampleSpan => ({
  spanId: spanIdOf(100 + number),
  parentSpanId: spanIdOf(11),
  name: 'chat gpt',
  kind: 3,
  startMs: 1200,
  endMs: 1200 + durationMs,
  attributes: { ...sid, 'voice.turn.index': 1, 'voice.stage': 'reply' },
  ...extra,
});

test('a call is listed from its announced spans on, and its row is whole when it has ended', () => {
  expect(saveSpans([open(webhook)]).calls).toMatchObject([{ callSid: 'CA1', state: 'live', durationMs: null }]);
  saveSpans([webhook, open(call), open(turn(0))]);
  saveSpans([turn(0), turn(1), stage(1, 700), stage(2, 400, { status: 2 })]);
  saveSpans([{ ...stage(3, 5), attributes: {} }], 'records');
  const { calls } = saveSpans([call]);
  expect(calls).toEqual([
    {
      callSid: 'CA1',
      traceId: traceIdOf(1),
      streamSid: 'MZ1',
      state: 'ended',
      outcome: 'saved',
      endReason: 'bot_hangup',
      language: 'fr',
      direction: 'inbound',
      callerHash: 'abcd',
      startedAtMs: T0_MS,
      durationMs: 9000,
      turns: 1,
      worstStage: { stage: 'reply', durationMs: 700, turnIndex: 1, spanId: spanIdOf(101) },
      errors: 1,
      services: ['bot', 'records'],
    },
  ]);
  expect(store.listCalls({ limit: 10, beforeMs: undefined, callSid: undefined })).toEqual({ calls, nextBefore: null });
});

test('what is sent twice is kept and counted once', () => {
  saveSpans([webhook, call, stage(1, 700, { status: 2 })]);
  saveLogs([{ body: 'hello' }]);
  const again = saveSpans([webhook, call, stage(1, 700, { status: 2 })]);
  expect(again).toEqual({ calls: [], spans: [], logs: [] });
  expect(saveLogs([{ body: 'hello' }]).logs).toEqual([]);
  expect(saveLogs([{ body: 'hello again' }]).logs).toHaveLength(1);
  expect(store.findCall('CA1')).toMatchObject({ errors: 1, logs: [{ body: 'hello' }, { body: 'hello again' }] });
  expect(query('SELECT sum(count) AS spans FROM red')).toEqual([{ spans: 3 }]);
});

test('an announced span is replaced by the final one, and a final one never by an announcement', () => {
  saveSpans([webhook, open(call), open(turn(1))]);
  expect(store.findCall('CA1')?.pending.map(({ name }) => name)).toEqual(['voice.call', 'voice.turn']);
  expect(store.findTrace(traceIdOf(1))).toMatchObject({ isComplete: false, spans: [{ name: 'POST /voice' }] });
  saveSpans([turn(1)]);
  expect(saveSpans([open(turn(1))]).spans).toEqual([]);
  saveSpans([call]);
  expect(store.findCall('CA1')).toMatchObject({
    state: 'ended',
    pending: [],
    turnList: [{ index: 1, durationMs: 800 }],
  });
  const { spans, isComplete } = store.findTrace(traceIdOf(1));
  expect([spans.length, isComplete]).toEqual([3, true]);
  expect(query('SELECT sum(count) AS ends FROM red')).toEqual([{ ends: 3 }]);
});

test('the order in which spans come makes no difference to the call', () => {
  const spans = [webhook, call, turn(0), turn(1), stage(1, 700), stage(2, 400, { status: 2 })];
  for (const span of spans.toReversed()) saveSpans([span]);
  const { logs: _logs, ...late } = store.findCall('CA1') ?? { logs: [] };
  store.close();
  rmSync(folder, { recursive: true });
  store = createTelemetryStore({ file, now: () => nowMs });
  saveSpans(spans);
  expect(store.findCall('CA1')).toMatchObject(late);
});

test('transcripts and replies stand with their turn', () => {
  saveSpans([webhook, turn(0), turn(1), call]);
  const of = (index: number) => ({ attributes: { ...sid, 'voice.turn.index': index } });
  saveLogs([
    { body: 'Bonjour', eventName: 'voice.reply', atMs: 1, ...of(0) },
    { body: 'Je veux un rendez-vous', eventName: 'voice.transcript', atMs: 2, ...of(1) },
    { body: 'Très bien.', eventName: 'voice.reply', atMs: 3, ...of(1) },
    { body: 'À quelle heure ?', eventName: 'voice.reply', atMs: 4, ...of(1) },
  ]);
  expect(store.findCall('CA1')?.turnList).toMatchObject([
    { index: 0, transcribed: null, replied: 'Bonjour' },
    { index: 1, transcribed: 'Je veux un rendez-vous', replied: 'Très bien. À quelle heure ?', endReason: 'completed' },
  ]);
});

test('a webhook that Twilio sent twice is one call: the trace that has the call', () => {
  const second = { ...webhook, traceId: traceIdOf(2), startMs: 5000, endMs: 5006 };
  saveSpans([webhook, call]);
  saveSpans([second]);
  const page = store.listCalls({ limit: 10, beforeMs: undefined, callSid: undefined });
  expect(page.calls).toMatchObject([{ callSid: 'CA1', traceId: traceIdOf(1) }]);
  expect(store.listCalls({ limit: 10, beforeMs: undefined, callSid: 'CA1' }).calls).toEqual(page.calls);
});

test('spans of no call are no call', () => {
  saveSpans([{ spanId: spanIdOf(1), name: 'GET /', endMs: 5 }]);
  saveSpans([{ spanId: spanIdOf(2), traceId: traceIdOf(2), name: 'POST /status', endMs: 5, attributes: sid }]);
  expect(store.listCalls({ limit: 10, beforeMs: undefined, callSid: undefined }).calls).toEqual([]);
  expect(store.findTrace(traceIdOf(2)).spans).toHaveLength(1);
});

test('pages follow each other without a gap or a repetition', () => {
  for (let number = 1; number <= 7; number += 1) {
    const attributes = { 'gen_ai.conversation.id': `CA${number}` };
    const startMs = number * 0.123;
    saveSpans([{ ...webhook, traceId: traceIdOf(number), startMs, endMs: startMs + 5, attributes }]);
  }
  const seen: string[] = [];
  let beforeMs: number | undefined;
  for (;;) {
    const { calls, nextBefore } = store.listCalls({ limit: 3, beforeMs, callSid: undefined });
    seen.push(...calls.map(({ callSid }) => callSid));
    if (nextBefore === null) break;
    beforeMs = nextBefore;
  }
  expect(seen).toEqual(['CA7', 'CA6', 'CA5', 'CA4', 'CA3', 'CA2', 'CA1']);
});

test('a call that nothing more comes of is lost, and lives again when something does', () => {
  saveSpans([webhook, open(call), turn(1)]);
  expect(store.findQuietest()).toBe(T0_MS);
  expect(store.markLost(T0_MS)).toEqual([]);
  expect(store.markLost(T0_MS + 1)).toMatchObject([{ callSid: 'CA1', state: 'lost', durationMs: 1900 }]);
  expect(store.findQuietest()).toBeUndefined();
  nowMs += 60_000;
  expect(saveSpans([turn(2)]).calls).toMatchObject([{ state: 'live', durationMs: null }]);
  expect(saveSpans([call]).calls).toMatchObject([{ state: 'ended' }]);
  expect(store.markLost(nowMs + 1_000_000)).toEqual([]);
});

test('the roll-up counts durations exactly at the bounds, by series and minute', () => {
  saveSpans([stage(1, 1400), stage(2, 1400.001), stage(3, 50), stage(4, 59_000), stage(5, 120_000)]);
  const rows = query('SELECT minute, counts, count, sum_ms FROM red ORDER BY minute');
  const countsOf = (row: (typeof rows)[number]) => [...new Uint32Array((row.counts as Uint8Array).slice().buffer)];
  expect(rows.map(({ count, sum_ms }) => [count, Number(sum_ms)])).toEqual([
    [3, 2850.001],
    [1, 59_000],
    [1, 120_000],
  ]);
  expect(countsOf(rows[0]!)[findBucket(1400)]).toBe(1);
  expect(DURATION_BOUNDS_MS[findBucket(1400)]).toBe(1400);
  expect(countsOf(rows[0]!)[findBucket(1400.001)]).toBe(1);
  expect(countsOf(rows[1]!).at(-1)).toBe(1);
  expect(query('SELECT service, namespace, name, kind, status, stage, model FROM red_series')).toEqual([
    { service: 'bot', namespace: 'callspan', name: 'chat gpt', kind: 3, status: 0, stage: 'reply', model: 'none' },
  ]);
});

test('bounds are in order, none twice, and a duration falls under the first that is not smaller', () => {
  expect(DURATION_BOUNDS_MS).toEqual([...new Set(DURATION_BOUNDS_MS)].sort((one, other) => one - other));
  expect(findBucket(0)).toBe(0);
  for (const [index, bound] of DURATION_BOUNDS_MS.entries()) {
    expect([findBucket(bound), findBucket(bound + 0.001)]).toEqual([index, index + 1]);
  }
});

test('what is older than asked is deleted with everything that belongs to it, the rest stays', () => {
  saveSpans([webhook, call]);
  saveLogs([{ body: 'old' }]);
  nowMs += 3_600_000;
  const attributes = { 'gen_ai.conversation.id': 'CA2' };
  saveSpans([{ ...webhook, traceId: traceIdOf(2), startMs: 3_600_000, endMs: 3_600_005, attributes }]);
  expect(store.deleteOld(T0_MS + 1000, 50)).toBe(1);
  expect(store.deleteOld(T0_MS + 1000, 50)).toBe(0);
  expect(store.findCall('CA1')).toBeUndefined();
  expect(store.findCall('CA2')).toBeDefined();
  expect(query('SELECT (SELECT count(*) FROM spans) AS spans, (SELECT count(*) FROM logs) AS logs')).toEqual([
    { spans: 1, logs: 0 },
  ]);
  expect(saveSpans([{ ...stage(1, 5), traceId: traceIdOf(2) }]).spans).toHaveLength(1);
});

test('the file gives back the space of what was deleted', () => {
  expect(query('PRAGMA auto_vacuum')).toEqual([{ auto_vacuum: 2 }]);
  const padding = 'x'.repeat(2000);
  const spans = Array.from({ length: 2000 }, (_, index) => stage(index, 5, { attributes: { padding } }));
  saveSpans(spans);
  const pages = () => Number(query('PRAGMA page_count')[0]?.page_count);
  const before = pages();
  for (let step = 0; step < 3; step += 1) store.deleteOld(T0_MS + 1, 50);
  expect(pages()).toBeLessThan(before / 2);
});

test('folder and file are their owner’s alone, and the file is opened again as it was', () => {
  saveSpans([webhook, call]);
  expect(statSync(join(folder, 'viewer')).mode & 0o777).toBe(0o700);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const before = store.findCall('CA1');
  store.close();
  store = createTelemetryStore({ file, now: () => nowMs });
  expect(store.findCall('CA1')).toEqual(before);
});

test('a file of a newer version is refused, loudly and untouched', () => {
  store.close();
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(() => createTelemetryStore({ file, now: () => nowMs })).toThrow(/schema version 99/);
  expect(query('PRAGMA user_version')).toEqual([{ user_version: 99 }]);
});

test('when a batch cannot be stored, nothing of it is, and the next one can', () => {
  const spans = acceptSpans(parseTracesJson(toBytes(toTracesBody([webhook, call]))), { open: false }).kept;
  const broken = { ...spans[1]!, name: undefined as unknown as string };
  expect(() => store.save({ spans: [spans[0]!, broken], logs: [] })).toThrow();
  expect(store.findCall('CA1')).toBeUndefined();
  expect(store.save({ spans, logs: [] }).spans).toHaveLength(2);
  expect(store.findTrace(traceIdOf(1)).spans.map(({ name }) => name)).toEqual(['POST /voice', 'voice.call']);
});
