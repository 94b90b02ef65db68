import { DatabaseSync } from 'node:sqlite';
import { acceptLogs, acceptSpans } from '../../../services/viewer/adapters/otlp/accept.ts';
import { parseLogsJson } from '../../../services/viewer/adapters/otlp/json-logs.ts';
import { parseTracesJson } from '../../../services/viewer/adapters/otlp/json-traces.ts';
import { IS_CONTENT } from '../../../services/viewer/adapters/sqlite/sql.ts';
import { createTelemetryStore } from '../../../services/viewer/adapters/sqlite/store.ts';
import { spanIdOf, T0_MS, toLogsBody, toTracesBody, traceIdOf } from '../../helpers/otlp-samples.ts';
import { call, openStoreStage, sid, toBytes, turn, webhook } from '../../helpers/store-stage.ts';

const at = openStoreStage();

test('a mark of synthetic calls or a turn index that is a map is passed over, and the call can still be read', () => {
  const [span] = acceptSpans(parseTracesJson(toBytes(toTracesBody([webhook]))), { open: false }).kept;
  const map = Object.assign(Object.create(null), { a: 'b' });
  const marked = { ...span!, attributes: { ...span!.attributes, 'callspan.canary': map } };
  expect(at.store.save({ spans: [marked], logs: [] }).spans).toHaveLength(1);
  expect(at.query('SELECT canary FROM red_series')).toEqual([{ canary: 'none' }]);
  at.saveSpans([turn(1), call]);
  const [log] = acceptLogs(
    parseLogsJson(toBytes(toLogsBody([{ body: 'hi', eventName: 'voice.transcript', attributes: sid }]))),
  ).kept;
  at.store.save({ spans: [], logs: [{ ...log!, attributes: { 'voice.turn.index': map } }] });
  expect(at.store.findCall('CA1')).toMatchObject({ turnList: [{ index: 1, transcribed: null }] });
});

test('only a store that is locked, full or out of reach asks for telemetry to be sent again', () => {
  const [span] = acceptSpans(parseTracesJson(toBytes(toTracesBody([webhook]))), { open: false }).kept;
  const other = new DatabaseSync(at.file);
  other.exec('BEGIN IMMEDIATE');
  expect(() => at.store.save({ spans: [span!], logs: [] })).toThrow(expect.objectContaining({ code: 'busy' }));
  other.exec('ROLLBACK');
  other.close();
  const broken = { ...span!, name: undefined as unknown as string };
  expect(() => at.store.save({ spans: [broken], logs: [] })).toThrow(expect.not.objectContaining({ code: 'busy' }));
  expect(at.store.save({ spans: [span!], logs: [] }).spans).toHaveLength(1);
});

test('when another trace of a call becomes the one that is listed, that is told', () => {
  const second = { ...webhook, traceId: traceIdOf(2), startMs: 5000, endMs: 5006 };
  at.saveSpans([webhook, second]);
  const earlier = { ...webhook, traceId: traceIdOf(2), spanId: spanIdOf(9), startMs: -5000, endMs: -4000 };
  expect(at.saveSpans([earlier]).calls).toMatchObject([{ callSid: 'CA1', traceId: traceIdOf(1), startedAtMs: T0_MS }]);
  const page = at.store.listCalls({ limit: 10, beforeMs: undefined, callSid: undefined });
  expect(page.calls).toMatchObject([{ traceId: traceIdOf(1) }]);
});

test('log records of no trace are deleted in steps, and the last step says that nothing is left', () => {
  const logs = Array.from({ length: 90 }, (_, index) => ({ body: `line ${index}`, traceId: '' }));
  at.saveLogs(logs);
  const left = () => at.query('SELECT count(*) AS logs FROM logs')[0]?.logs;
  expect([at.store.deleteOld(T0_MS + 1, 1), left()]).toEqual([1, 50]);
  expect([at.store.deleteOld(T0_MS + 1, 1), left()]).toEqual([1, 10]);
  expect([at.store.deleteOld(T0_MS + 1, 1), left()]).toEqual([0, 0]);
});

test('old content is deleted in steps by its own time, and what else was logged stays', () => {
  const content = ['voice.transcript', 'voice.prompt', 'voice.reply', 'voice.extraction'];
  const names = [...content, 'voice.envelope', 'call.started', ''];
  at.saveSpans([webhook, call]);
  at.saveLogs(
    names.flatMap((eventName) => [0, 5000].map((atMs) => ({ body: eventName, eventName, atMs, attributes: sid }))),
  );
  const left = () => at.query('SELECT event_name FROM logs ORDER BY time_us, id').map((row) => row.event_name);
  expect([at.store.deleteOldContent(T0_MS + 1, 3), left().length]).toEqual([3, 11]);
  expect(at.store.deleteOldContent(T0_MS + 1, 3)).toBe(1);
  expect(left()).toEqual([...names.slice(4), ...names]);
  expect(at.store.findCall('CA1')).toBeDefined();
});

test('old content is found without reading other log records, in a file of an older Callspan too', () => {
  at.store.close();
  const database = new DatabaseSync(at.file);
  database.exec('DROP INDEX logs_of_content');
  database.close();
  at.store = createTelemetryStore({ file: at.file, now: () => at.nowMs });
  const plan = at.query(
    `EXPLAIN QUERY PLAN SELECT id FROM logs WHERE ${IS_CONTENT} AND time_us < 1 ORDER BY time_us LIMIT 9`,
  );
  expect(plan.map(({ detail }) => detail)).toEqual([expect.stringContaining('logs_of_content (time_us<?)')]);
});
