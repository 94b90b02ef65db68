import { BUCKETS, type MetricDescriptor } from '../metrics.ts';

type Row = readonly [
  name: string,
  kind: MetricDescriptor['kind'],
  unit: string,
  meaning: string,
  labels?: readonly string[],
];

const ROWS: readonly Row[] = [
  ['traces.span.metrics.calls', 'counter', '', 'spans that have ended, by name, stage, provider and status'],
  ['traces.span.metrics.duration', 'histogram', 'ms', 'their durations'],
  ['callspan.canary.success', 'gauge', '', 'a synthetic call went through', ['hop']],
  ['callspan.canary.duration', 'histogram', 's', 'how long it took', ['hop']],
];

/** Metrics whose names are fixed and that no process records: they are made from spans, or by the caller of synthetic calls. */
export const RESERVED_METRICS: readonly MetricDescriptor[] = ROWS.map(([name, kind, unit, meaning, labels = []]) => ({
  name,
  kind,
  unit,
  labels,
  meaning,
  ...(kind === 'histogram' ? { buckets: BUCKETS.duration } : {}),
}));
