import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createTelemetryStore } from '../../../services/viewer/adapters/sqlite/store.ts';
import type { MetricPoint } from '../../../services/viewer/domain/metric.ts';
import type { TelemetryStore } from '../../../services/viewer/domain/ports.ts';

const T0_MS = 1_795_255_200_000;
const RESOURCE = { attributes: { 'service.name': 'bot' } };
const SCOPE = { name: 'callspan', version: '', attributes: {} };

let folder: string;
let file: string;
let store: TelemetryStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-metrics-store-'));
  file = join(folder, 'viewer', 'store.db');
  store = createTelemetryStore({ file, now: () => T0_MS });
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const point = (atS: number, value: number, more: Partial<MetricPoint> = {}): MetricPoint => ({
  name: 'voice.save.count',
  unit: '{save}',
  kind: 'sum',
  isMonotonic: true,
  attributes: { outcome: 'saved' },
  resource: RESOURCE,
  scope: SCOPE,
  startNs: BigInt(T0_MS) * 1_000_000n,
  timeNs: BigInt(T0_MS + atS * 1000) * 1_000_000n,
  value,
  count: null,
  buckets: null,
  ...more,
});
const save = (...metrics: MetricPoint[]) => store.save({ spans: [], logs: [], metrics });
const find = (fromS = 0, toS = 1e6) =>
  store
    .findMetric({ name: 'voice.save.count', fromMs: T0_MS + fromS * 1000, toMs: T0_MS + toS * 1000 })
    .map(({ points }) => points.map(({ timeMs, value }) => [(timeMs - T0_MS) / 1000, value]));

test('a series is a set of labels in any order, and its points come by time', () => {
  save(point(30, 2, { attributes: { b: 1n, a: 'x' } }), point(15, 1, { attributes: { a: 'x', b: 1n } }));
  save(point(15, 9));
  expect(find()).toEqual([
    [
      [15, 1],
      [30, 2],
    ],
    [[15, 9]],
  ]);
  expect(find(20, 40)).toEqual([[[30, 2]]]);
});

test('a value that stays is written again every four minutes, so that nobody takes it for gone', () => {
  for (let atS = 0; atS <= 600; atS += 15) save(point(atS, 1));
  expect(find()).toEqual([
    [
      [0, 1],
      [240, 1],
      [480, 1],
    ],
  ]);
});

test('a restart of the process is written although the value is the same', () => {
  save(point(0, 1), point(15, 1, { startNs: BigInt(T0_MS + 10_000) * 1_000_000n }));
  expect(find()).toEqual([
    [
      [0, 1],
      [15, 1],
    ],
  ]);
});

test('what a failed transaction wrote is written by the next', () => {
  const cannotBeStored = point(15, 1, { value: {} as never });
  expect(() => save(point(0, 1), cannotBeStored)).toThrow();
  expect(find()).toEqual([]);
  save(point(0, 1));
  expect(find()).toEqual([[[0, 1]]]);
});

test('old points go with the retention, and a series with its last point', () => {
  for (let at = 0; at < 100; at += 1) save(point(at, at));
  save(point(5000, 1, { attributes: { outcome: 'dead' } }));
  const before = T0_MS + 1000 * 1000;
  expect(store.deleteOld(before, 1)).toBe(1);
  expect(find()[0]).toHaveLength(60);
  while (store.deleteOld(before, 1) === 1);
  expect(find()).toEqual([[[5000, 1]]]);
  const database = new DatabaseSync(file, { readOnly: true });
  expect(database.prepare('SELECT count(*) AS n FROM metric_series').get()?.n).toBe(1);
  database.close();
  save(point(6000, 3));
  expect(find()).toHaveLength(2);
});

test('a store of the version before takes metrics, and keeps what it has', () => {
  store.close();
  const database = new DatabaseSync(file);
  database.exec('DROP TABLE metric_points; DROP TABLE metric_series; PRAGMA user_version = 1;');
  database.exec("INSERT INTO names (name) VALUES ('kept')");
  database.close();
  store = createTelemetryStore({ file, now: () => T0_MS });
  save(point(0, 1));
  expect(find()).toEqual([[[0, 1]]]);
  const after = new DatabaseSync(file, { readOnly: true });
  expect(after.prepare('SELECT name FROM names').get()?.name).toBe('kept');
  after.close();
});
