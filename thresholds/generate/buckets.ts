import { BUCKETS } from 'callspan/conventions';
import { stringify } from 'yaml';
import type { Thresholds } from '../model.ts';

/**
 * Bounds of the duration histogram that is made from spans, milliseconds, ascending: the contract's spread and every
 * limit, so that the share of executions over a limit is a count and no estimate. A bound is inclusive: an execution of
 * exactly the limit is within it.
 */
export function listDurationBoundsMs({ limits, deadAir, eventLoopBlocked }: Thresholds): readonly number[] {
  const spread = BUCKETS.duration.map(toMs);
  const rows = [...limits, deadAir, eventLoopBlocked].flatMap((row) => [row.warningMs, row.criticalMs]);
  return [...new Set([...spread, ...rows])].sort((one, other) => one - other);
}

const HEAD = '# Made from thresholds/thresholds.yaml by `npm run generate`.\n';

/** The `buckets` of the Collector's `span_metrics`: a YAML list of Go durations, for `${file:...}`. */
export function generateSpanMetricsBuckets(thresholds: Thresholds): string {
  return HEAD + stringify(listDurationBoundsMs(thresholds).map((ms) => `${ms}ms`));
}

/** Seconds of the contract in milliseconds; 1.115 s is not 1114.9999999999998 ms. */
function toMs(seconds: number): number {
  return Math.round(seconds * 1_000_000) / 1000;
}
