import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { MetricPoint, MetricSelection, MetricSeries, StoredPoint } from '../../domain/metric.ts';
import { parseAttributes } from './attribute-json.ts';

type Row = Record<string, SQLOutputValue>;

/** @param database with the schema of this folder */
export function createMetricReader(database: DatabaseSync): (selection: MetricSelection) => MetricSeries[] {
  const series = database.prepare(SELECT_SERIES);
  const points = database.prepare(
    'SELECT * FROM metric_points WHERE series = ? AND time_us BETWEEN ? AND ? ORDER BY time_us',
  );
  return ({ name, fromMs, toMs }) =>
    series
      .all(name)
      .map((row) => toSeries(row, points.all(Number(row.id), fromMs * 1000, toMs * 1000 + 999).map(toPoint)))
      .filter((found) => found.points.length > 0);
}

const SELECT_SERIES = `
SELECT s.id, s.name, s.unit, s.kind, s.monotonic, s.attributes, s.bounds, r.attributes AS resource_attributes,
  c.name AS scope_name, c.version AS scope_version, c.attributes AS scope_attributes
FROM metric_series s JOIN resources r ON r.id = s.resource JOIN scopes c ON c.id = s.scope
WHERE s.name = ? ORDER BY s.id`;

function toSeries(row: Row, points: readonly StoredPoint[]): MetricSeries {
  return {
    name: String(row.name),
    unit: String(row.unit),
    kind: row.kind as MetricPoint['kind'],
    isMonotonic: row.monotonic === 1,
    attributes: parseAttributes(String(row.attributes)),
    resource: { attributes: parseAttributes(String(row.resource_attributes)) },
    scope: {
      name: String(row.scope_name),
      version: String(row.scope_version),
      attributes: parseAttributes(String(row.scope_attributes)),
    },
    bounds: JSON.parse(String(row.bounds)) as number[],
    points,
  };
}

function toPoint({ time_us, start_us, value, count, counts }: Row): StoredPoint {
  return {
    timeMs: Number(time_us) / 1000,
    startMs: Number(start_us) / 1000,
    value: value === null ? null : Number(value),
    count: count === null ? null : Number(count),
    counts: counts === null ? null : (JSON.parse(String(counts)) as number[]),
  };
}
