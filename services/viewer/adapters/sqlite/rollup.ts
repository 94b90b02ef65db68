import type { DatabaseSync } from 'node:sqlite';
import { Attr } from 'callspan/conventions';
import { DURATION_BOUNDS_MS, findBucket } from '../../domain/duration-bounds.ts';
import type { SpanRecord } from '../../domain/telemetry.ts';
import { findServiceName } from '../../domain/views.ts';
import { findText } from './call-facts.ts';
import { createLookUp } from './dictionary.ts';

/** Attribute of synthetic calls. */
const CANARY = 'callspan.canary';
const BOUNDS = JSON.stringify(DURATION_BOUNDS_MS);
const SERIES_KEY = 'service, namespace, name, kind, status, stage, provider, model, error_type, canary, bounds_ms';
const NS_PER_MINUTE = 60_000_000_000n;

type Point = { readonly counts: Uint32Array; count: number; sumMs: number };

/** The histogram of span durations (rate, errors, duration), by series and minute in which the span ended. */
export type Rollup = {
  /** Counts a span that has ended; the caller sees to it that none is counted twice. */
  add(span: SpanRecord): void;
  /** Adds what was counted to the table. */
  write(): void;
  /** Forgets what was counted, and ids that a transaction that was rolled back may have made. */
  forget(): void;
};

/** @param database with the schema of this folder */
export function createRollup(database: DatabaseSync): Rollup {
  const series = createLookUp(database, {
    find: `SELECT id FROM red_series WHERE (${SERIES_KEY}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    add: `INSERT INTO red_series (${SERIES_KEY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  });
  const find = database.prepare('SELECT counts, count, sum_ms FROM red WHERE series = ? AND minute = ?');
  const put = database.prepare(
    'INSERT OR REPLACE INTO red (series, minute, counts, count, sum_ms) VALUES (?, ?, ?, ?, ?)',
  );
  const points = new Map<string, Point & { readonly id: number; readonly minute: number }>();
  return {
    add(span) {
      const id = series.idOf(toSeriesKey(span));
      const minute = Number(span.endNs / NS_PER_MINUTE);
      const key = `${id}/${minute}`;
      let point = points.get(key);
      if (!point) {
        point = { id, minute, ...parsePoint(find.get(id, minute)) };
        points.set(key, point);
      }
      const durationMs = Number(span.endNs - span.startNs) / 1e6;
      const bucket = findBucket(durationMs);
      point.counts[bucket] = (point.counts[bucket] ?? 0) + 1;
      point.count += 1;
      point.sumMs += durationMs;
    },
    write() {
      for (const { id, minute, counts, count, sumMs } of points.values()) {
        put.run(id, minute, new Uint8Array(counts.buffer), count, sumMs);
      }
      points.clear();
    },
    forget() {
      points.clear();
      series.forget();
    },
  };
}

function toSeriesKey(span: SpanRecord): (string | number)[] {
  const { attributes } = span.resource;
  const namespace = attributes[Attr.serviceNamespace];
  const errorType = findText(span, Attr.errorType) ?? 'none';
  return [
    findServiceName(attributes),
    typeof namespace === 'string' ? namespace : 'none',
    span.name,
    span.kind,
    span.status,
    findText(span, Attr.stage) ?? 'none',
    findText(span, Attr.providerName) ?? 'none',
    findText(span, Attr.requestModel) ?? 'none',
    errorType,
    findCanary(span),
    BOUNDS,
  ];
}

function findCanary({ attributes }: SpanRecord): string {
  const value = attributes[CANARY];
  // Lists, maps and bytes are no mark; a map cannot even be made a string.
  return value === undefined || value === null || typeof value === 'object' ? 'none' : String(value);
}

function parsePoint(row: ReturnType<ReturnType<DatabaseSync['prepare']>['get']>): Point {
  const counts = new Uint32Array(DURATION_BOUNDS_MS.length + 1);
  if (!row) return { counts, count: 0, sumMs: 0 };
  new Uint8Array(counts.buffer).set(row.counts as Uint8Array);
  return { counts, count: Number(row.count), sumMs: Number(row.sum_ms) };
}
