import { stringify } from 'yaml';
import { KIT_BOUNDS_MS } from '../bounds.ts';
import type { Thresholds } from '../model.ts';

/**
 * Bounds of the duration histogram that is made from spans, milliseconds, ascending: the contract's spread and every
 * limit, so that the share of executions over a limit is a count and no estimate. A bound is inclusive: an execution of
 * exactly the limit is within it.
 */
export function listDurationBoundsMs({ limits, deadAir, eventLoopBlocked }: Thresholds): readonly number[] {
  const rows = [...limits, deadAir, eventLoopBlocked].flatMap((row) => [row.warningMs, row.criticalMs]);
  return [...new Set([...KIT_BOUNDS_MS, ...rows])].sort((one, other) => one - other);
}

const HEAD = '# Made from thresholds/thresholds.yaml by `npm run generate`.\n';

/** The `buckets` of the Collector's `span_metrics`: a YAML list of Go durations, for `${file:...}`. */
export function generateSpanMetricsBuckets(thresholds: Thresholds): string {
  return HEAD + stringify(listDurationBoundsMs(thresholds).map((ms) => `${ms}ms`));
}
