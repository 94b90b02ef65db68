import type { DatabaseSync } from 'node:sqlite';
import type { MetricPoint } from '../../domain/metric.ts';
import { formatAttributes, sortKeys } from './attribute-json.ts';
import { createLookUp, type Dictionary } from './dictionary.ts';

/** A point that repeats the one before is written after so long: within the five minutes that readers look back. */
const REPEAT_AFTER_US = 240_000_000;
/** Series whose last point is remembered; beyond, all are forgotten and written once more. */
const MAX_REMEMBERED = 20_000;

const KEY = 'name, attributes, resource, scope, unit, kind, monotonic, bounds';

/** Puts points of metrics into their tables. */
export type MetricWriter = {
  /** Writes a point; one of the same series and moment stays as it is, one that repeats the last is passed over. */
  put(point: MetricPoint): void;
  /** Forgets ids and points that a transaction that was rolled back may have made. */
  forget(): void;
};

type Last = { readonly timeUs: number; readonly said: string };

/** @param dictionary of the same database */
export function createMetricWriter(database: DatabaseSync, dictionary: Dictionary): MetricWriter {
  const series = createLookUp(database, {
    find: `SELECT id FROM metric_series WHERE (${KEY}) = (?, ?, ?, ?, ?, ?, ?, ?)`,
    add: `INSERT INTO metric_series (${KEY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  });
  const insert = database.prepare(
    `INSERT INTO metric_points (series, time_us, start_us, value, count, counts) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING`,
  );
  const lasts = new Map<number, Last>();
  return {
    put(point) {
      const id = series.idOf([
        point.name,
        formatAttributes(sortKeys(point.attributes)),
        dictionary.resourceId(point.resource),
        dictionary.scopeId(point.scope),
        point.unit,
        point.kind,
        Number(point.isMonotonic),
        JSON.stringify(point.buckets?.bounds ?? []),
      ]);
      const [timeUs, startUs] = [Number(point.timeNs / 1000n), Number(point.startNs / 1000n)];
      const counts = point.buckets ? JSON.stringify(point.buckets.counts) : null;
      const said = `${startUs} ${point.value} ${point.count} ${counts}`;
      const last = lasts.get(id);
      if (last && last.said === said && timeUs >= last.timeUs && timeUs - last.timeUs < REPEAT_AFTER_US) return;
      insert.run(id, timeUs, startUs, point.value, point.count, counts);
      if (last && timeUs < last.timeUs) return;
      if (lasts.size >= MAX_REMEMBERED) lasts.clear();
      lasts.set(id, { timeUs, said });
    },
    forget() {
      series.forget();
      lasts.clear();
    },
  };
}
