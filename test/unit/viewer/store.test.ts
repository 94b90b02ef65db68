import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Attr, SpanName, Stage } from 'callspan/conventions';
import { acceptSpans } from '../../../services/viewer/adapters/otlp/accept.ts';
import { parseTracesJson } from '../../../services/viewer/adapters/otlp/json-traces.ts';
import { createTelemetryStore } from '../../../services/viewer/adapters/sqlite/store.ts';
import { DURATION_BOUNDS_MS, findBucket } from '../../../services/viewer/domain/duration-bounds.ts';
import { type SampleSpan, spanIdOf, T0_MS, toTracesBody, traceIdOf } from '../../helpers/otlp-samples.ts';
import { call, openStoreStage, sid, toBytes, turn, webhook } from '../../helpers/store-stage.ts';

const at = openStoreStage();

const open = (span: SampleSpan): SampleSpan => ({ ...span, endMs: null, attributes: sid });
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
  expect(at.saveSpans([open(webhook)]).calls).toMatchObject([{ callSid: 'CA1', state: 'live', durationMs: null }]);
  at.saveSpans([webhook, open(call), open(turn(0))]);
  at.saveSpans([turn(0), turn(1), stage(1, 700), stage(2, 400, { status: 2 })]);
  at.saveSpans([{ ...stage(3, 5), attributes: {} }], 'records');
  const { calls } = at.saveSpans([call]);
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
      waits: [],
      cost: null,
      errors: 1,
      services: ['bot', 'records'],
    },
  ]);
  expect(at.store.listCalls({ limit: 10, beforeMs: undefined, callSid: undefined })).toEqual({
    calls,
    nextBefore: null,
  });
});

const gap = (turnIndex: number, durationMs: number, attributes: object = {}): SampleSpan => ({
  ...stage(20 + turnIndex, durationMs),
  name: SpanName.responseGap,
  attributes: { ...sid, [Attr.turnIndex]: turnIndex, [Attr.stage]: Stage.responseGap, ...attributes },
});

test('a row tells the wait of each turn with its source and level, whatever came first, and why one is missing', () => {
  const told = (span: SampleSpan, attributes: object) => ({
    ...span,
    attributes: { ...span.attributes, ...attributes },
  });
  const over = { [Attr.gapSource]: 'media_clock', [Attr.thresholdLevelOnSpan]: 'critical' };
  at.saveSpans([webhook, call, gap(1, 1500, over), gap(3, 9, { [Attr.gapSource]: 'none' })]);
  at.saveSpans([told(turn(2), { [Attr.turnUnmeasured]: 'no_reply' })]);
  at.saveSpans([
    told(turn(1), { [Attr.criticalSegment]: 'stt_tail' }),
    told(turn(0), { [Attr.turnUnmeasured]: 'bot_first' }),
  ]);
  expect(at.store.findCall('CA1')?.waits).toEqual([
    { turnIndex: 1, durationMs: 1500, source: 'media_clock', level: 'critical', segment: 'stt_tail', unmeasured: null },
    { turnIndex: 2, durationMs: null, source: null, level: null, segment: null, unmeasured: 'no_reply' },
    { turnIndex: 3, durationMs: null, source: 'none', level: null, segment: null, unmeasured: null },
  ]);
});

test('a row tells what the call has cost so far, and at its end what the call itself says', () => {
  const paid = (number: number, usd: number) => {
    const span = stage(number, 100);
    return { ...span, attributes: { ...span.attributes, [Attr.costUsd]: usd } };
  };
  at.saveSpans([webhook, open(call), paid(1, 0.25), paid(2, 0.5)]);
  expect(at.store.findCall('CA1')?.cost).toEqual({ usd: 0.75, isKnown: false });
  const costs = { [Attr.callCostUsd]: 1, [Attr.callCostKnown]: true };
  at.saveSpans([{ ...call, attributes: { ...call.attributes, ...costs } }]);
  expect(at.store.findCall('CA1')?.cost).toEqual({ usd: 1, isKnown: true });
});

test('a row that was written before waits and costs were gathered is read without them', () => {
  at.saveSpans([webhook, call]);
  const database = new DatabaseSync(at.file);
  database.exec("UPDATE traces SET facts = json_remove(facts, '$.waits', '$.cost', '$.spentUsd')");
  database.close();
  expect(at.store.findCall('CA1')).toMatchObject({ waits: [], cost: null });
});

test('what is sent twice is kept and counted once', () => {
  at.saveSpans([webhook, call, stage(1, 700, { status: 2 })]);
  at.saveLogs([{ body: 'hello' }]);
  const again = at.saveSpans([webhook, call, stage(1, 700, { status: 2 })]);
  expect(again).toEqual({ calls: [], spans: [], logs: [] });
  expect(at.saveLogs([{ body: 'hello' }]).logs).toEqual([]);
  expect(at.saveLogs([{ body: 'hello again' }]).logs).toHaveLength(1);
  expect(at.store.findCall('CA1')).toMatchObject({ errors: 1, logs: [{ body: 'hello' }, { body: 'hello again' }] });
  expect(at.query('SELECT sum(count) AS spans FROM red')).toEqual([{ spans: 3 }]);
});

test('an announced span is replaced by the final one, and a final one never by an announcement', () => {
  at.saveSpans([webhook, open(call), open(turn(1))]);
  expect(at.store.findCall('CA1')?.pending.map(({ name }) => name)).toEqual(['voice.call', 'voice.turn']);
  expect(at.store.findTrace(traceIdOf(1))).toMatchObject({ isComplete: false, spans: [{ name: 'POST /voice' }] });
  at.saveSpans([turn(1)]);
  expect(at.saveSpans([open(turn(1))]).spans).toEqual([]);
  at.saveSpans([call]);
  expect(at.store.findCall('CA1')).toMatchObject({
    state: 'ended',
    pending: [],
    turnList: [{ index: 1, durationMs: 800 }],
  });
  const { spans, isComplete } = at.store.findTrace(traceIdOf(1));
  expect([spans.length, isComplete]).toEqual([3, true]);
  expect(at.query('SELECT sum(count) AS ends FROM red')).toEqual([{ ends: 3 }]);
});

test('the order in which spans come makes no difference to the call', () => {
  const spans = [webhook, call, turn(0), turn(1), stage(1, 700), stage(2, 400, { status: 2 })];
  for (const span of spans.toReversed()) at.saveSpans([span]);
  const { logs: _logs, ...late } = at.store.findCall('CA1') ?? { logs: [] };
  at.store.close();
  rmSync(at.folder, { recursive: true });
  at.store = createTelemetryStore({ file: at.file, now: () => at.nowMs });
  at.saveSpans(spans);
  expect(at.store.findCall('CA1')).toMatchObject(late);
});

test('transcripts and replies stand with their turn', () => {
  at.saveSpans([webhook, turn(0), turn(1), call]);
  const of = (index: number) => ({ attributes: { ...sid, 'voice.turn.index': index } });
  at.saveLogs([
    { body: 'Bonjour', eventName: 'voice.reply', atMs: 1, ...of(0) },
    { body: 'Je veux un rendez-vous', eventName: 'voice.transcript', atMs: 2, ...of(1) },
    { body: 'Très bien.', eventName: 'voice.reply', atMs: 3, ...of(1) },
    { body: 'À quelle heure ?', eventName: 'voice.reply', atMs: 4, ...of(1) },
  ]);
  expect(at.store.findCall('CA1')?.turnList).toMatchObject([
    { index: 0, transcribed: null, replied: 'Bonjour' },
    { index: 1, transcribed: 'Je veux un rendez-vous', replied: 'Très bien. À quelle heure ?', endReason: 'completed' },
  ]);
});

test('a webhook that Twilio sent twice is one call: the trace that has the call', () => {
  const second = { ...webhook, traceId: traceIdOf(2), startMs: 5000, endMs: 5006 };
  at.saveSpans([webhook, call]);
  at.saveSpans([second]);
  const page = at.store.listCalls({ limit: 10, beforeMs: undefined, callSid: undefined });
  expect(page.calls).toMatchObject([{ callSid: 'CA1', traceId: traceIdOf(1) }]);
  expect(at.store.listCalls({ limit: 10, beforeMs: undefined, callSid: 'CA1' }).calls).toEqual(page.calls);
});

test('spans of no call are no call', () => {
  at.saveSpans([{ spanId: spanIdOf(1), name: 'GET /', endMs: 5 }]);
  at.saveSpans([{ spanId: spanIdOf(2), traceId: traceIdOf(2), name: 'POST /status', endMs: 5, attributes: sid }]);
  expect(at.store.listCalls({ limit: 10, beforeMs: undefined, callSid: undefined }).calls).toEqual([]);
  expect(at.store.findTrace(traceIdOf(2)).spans).toHaveLength(1);
});

test('pages follow each other without a gap or a repetition', () => {
  for (let number = 1; number <= 7; number += 1) {
    const attributes = { 'gen_ai.conversation.id': `CA${number}` };
    const startMs = number * 0.123;
    at.saveSpans([{ ...webhook, traceId: traceIdOf(number), startMs, endMs: startMs + 5, attributes }]);
  }
  const seen: string[] = [];
  let beforeMs: number | undefined;
  for (;;) {
    const { calls, nextBefore } = at.store.listCalls({ limit: 3, beforeMs, callSid: undefined });
    seen.push(...calls.map(({ callSid }) => callSid));
    if (nextBefore === null) break;
    beforeMs = nextBefore;
  }
  expect(seen).toEqual(['CA7', 'CA6', 'CA5', 'CA4', 'CA3', 'CA2', 'CA1']);
});

test('a call that nothing more comes of is lost, and lives again when something does', () => {
  at.saveSpans([webhook, open(call), turn(1)]);
  expect(at.store.findQuietest()).toBe(T0_MS);
  expect(at.store.markLost(T0_MS)).toEqual([]);
  expect(at.store.markLost(T0_MS + 1)).toMatchObject([{ callSid: 'CA1', state: 'lost', durationMs: 1900 }]);
  expect(at.store.findQuietest()).toBeUndefined();
  at.nowMs += 60_000;
  expect(at.saveSpans([turn(2)]).calls).toMatchObject([{ state: 'live', durationMs: null }]);
  expect(at.saveSpans([call]).calls).toMatchObject([{ state: 'ended' }]);
  expect(at.store.markLost(at.nowMs + 1_000_000)).toEqual([]);
});

test('the roll-up counts durations exactly at the bounds, by series and minute', () => {
  at.saveSpans([stage(1, 1400), stage(2, 1400.001), stage(3, 50), stage(4, 59_000), stage(5, 120_000)]);
  const rows = at.query('SELECT minute, counts, count, sum_ms FROM red ORDER BY minute');
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
  expect(at.query('SELECT service, namespace, name, kind, status, stage, model FROM red_series')).toEqual([
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
  at.saveSpans([webhook, call]);
  at.saveLogs([{ body: 'old' }]);
  at.nowMs += 3_600_000;
  const attributes = { 'gen_ai.conversation.id': 'CA2' };
  at.saveSpans([{ ...webhook, traceId: traceIdOf(2), startMs: 3_600_000, endMs: 3_600_005, attributes }]);
  expect(at.store.deleteOld(T0_MS + 1000, 50)).toBe(1);
  expect(at.store.deleteOld(T0_MS + 1000, 50)).toBe(0);
  expect(at.store.findCall('CA1')).toBeUndefined();
  expect(at.store.findCall('CA2')).toBeDefined();
  expect(at.query('SELECT (SELECT count(*) FROM spans) AS spans, (SELECT count(*) FROM logs) AS logs')).toEqual([
    { spans: 1, logs: 0 },
  ]);
  expect(at.saveSpans([{ ...stage(1, 5), traceId: traceIdOf(2) }]).spans).toHaveLength(1);
});

test('the file gives back the space of what was deleted', () => {
  expect(at.query('PRAGMA auto_vacuum')).toEqual([{ auto_vacuum: 2 }]);
  const padding = 'x'.repeat(2000);
  const spans = Array.from({ length: 2000 }, (_, index) => stage(index, 5, { attributes: { padding } }));
  at.saveSpans(spans);
  const pages = () => Number(at.query('PRAGMA page_count')[0]?.page_count);
  const before = pages();
  for (let step = 0; step < 3; step += 1) at.store.deleteOld(T0_MS + 1, 50);
  expect(pages()).toBeLessThan(before / 2);
});

test('folder and file are their owner’s alone, and the file is opened again as it was', () => {
  at.saveSpans([webhook, call]);
  expect(statSync(join(at.folder, 'viewer')).mode & 0o777).toBe(0o700);
  expect(statSync(at.file).mode & 0o777).toBe(0o600);
  const before = at.store.findCall('CA1');
  at.store.close();
  at.store = createTelemetryStore({ file: at.file, now: () => at.nowMs });
  expect(at.store.findCall('CA1')).toEqual(before);
});

test('a file of a newer version is refused, loudly and untouched', () => {
  at.store.close();
  const database = new DatabaseSync(at.file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  expect(() => createTelemetryStore({ file: at.file, now: () => at.nowMs })).toThrow(/schema version 99/);
  expect(at.query('PRAGMA user_version')).toEqual([{ user_version: 99 }]);
});

test('when a batch cannot be stored, nothing of it is, and the next one can', () => {
  const spans = acceptSpans(parseTracesJson(toBytes(toTracesBody([webhook, call]))), { open: false }).kept;
  const broken = { ...spans[1]!, name: undefined as unknown as string };
  expect(() => at.store.save({ spans: [spans[0]!, broken], logs: [] })).toThrow();
  expect(at.store.findCall('CA1')).toBeUndefined();
  expect(at.store.save({ spans, logs: [] }).spans).toHaveLength(2);
  expect(at.store.findTrace(traceIdOf(1)).spans.map(({ name }) => name)).toEqual(['POST /voice', 'voice.call']);
});
