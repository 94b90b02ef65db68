import type { MetricPoint } from '../../domain/metric.ts';
import type { Received } from '../../domain/telemetry.ts';
import { keepFirst, LATEST_NS, sift } from './accept.ts';
import type { RawMetric, RawPoint } from './wire-metrics.ts';

const CUMULATIVE = 2;
/** Buckets of one histogram; the longest list of ours has 34. */
const MAX_BUCKETS = 512;

type Sent = { readonly metric: RawMetric; readonly point: RawPoint };

/** Points that can be kept: gauges, cumulative sums and cumulative histograms with bounds. */
export function acceptMetrics(metrics: readonly RawMetric[]): Received<MetricPoint> {
  const sent = metrics.flatMap((metric) => metric.points.map((point): Sent => ({ metric, point })));
  const { kept, rejected, reason } = sift(sent, findFault);
  return { kept: kept.map(toMetricPoint), rejected, reason };
}

function findFault({ metric: { name, kind, temporality }, point }: Sent): string {
  if (name === '') return 'a metric has no name';
  if (kind !== 'gauge' && kind !== 'sum' && kind !== 'histogram') {
    return `points of the kind ${kind ?? 'unknown'} are not kept: send gauges, sums and histograms with bounds`;
  }
  if (kind !== 'gauge' && temporality !== CUMULATIVE) return 'sums and histograms must be cumulative, not delta';
  if (point.timeNs <= 0n || point.timeNs > LATEST_NS) return 'a point has no time';
  if (point.startNs < 0n || point.startNs > point.timeNs) return 'a point ends before it starts';
  return kind === 'histogram' ? findHistogramFault(point) : findNumberFault(point);
}

function findNumberFault({ value }: RawPoint): string {
  return value !== null && Number.isFinite(value) ? '' : 'a point has no value, or one that is no number';
}

function findHistogramFault({ value, count, counts, bounds }: RawPoint): string {
  if (value !== null && !Number.isFinite(value)) return 'the sum of a histogram is no number';
  if (!Number.isSafeInteger(count) || !counts.every(Number.isSafeInteger)) return 'a count of a histogram is too large';
  if (counts.length > MAX_BUCKETS) return `a histogram has more than ${MAX_BUCKETS} buckets`;
  const fits = counts.length === bounds.length + 1 || (counts.length === 0 && bounds.length === 0);
  if (!fits) return 'a histogram needs one count more than it has bounds';
  const rises = bounds.every((bound, index) => Number.isFinite(bound) && bound > (bounds[index - 1] ?? -Infinity));
  return rises ? '' : 'the bounds of a histogram do not rise';
}

function toMetricPoint({ metric, point }: Sent): MetricPoint {
  const { name, unit, isMonotonic, resource, scope } = metric;
  const kind = metric.kind as MetricPoint['kind'];
  const { startNs, timeNs, value, count, counts, bounds } = point;
  const isHistogram = kind === 'histogram';
  return {
    name,
    unit,
    kind,
    isMonotonic: kind === 'sum' && isMonotonic,
    attributes: keepFirst(point.attributes),
    resource,
    scope,
    startNs,
    timeNs,
    value,
    count: isHistogram ? count : null,
    buckets: isHistogram ? { bounds, counts } : null,
  };
}
