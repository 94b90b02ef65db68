import type { Resource, Scope, TypedAttributes } from './telemetry.ts';

/** Buckets of a histogram: `counts` has one more than `bounds`; the last has no bound. */
export type Buckets = { readonly bounds: readonly number[]; readonly counts: readonly number[] };

/** One point of a metric (OTLP NumberDataPoint or HistogramDataPoint), cumulative since `startNs`. */
export type MetricPoint = {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'sum' | 'histogram';
  /** A sum that never falls but by a restart. */
  readonly isMonotonic: boolean;
  readonly attributes: TypedAttributes;
  readonly resource: Resource;
  readonly scope: Scope;
  /** 0: not told. */
  readonly startNs: bigint;
  readonly timeNs: bigint;
  /** Of a histogram its sum, null when it was not told. */
  readonly value: number | null;
  /** Of a histogram only. */
  readonly count: number | null;
  readonly buckets: Buckets | null;
};

/** A series with its points by time: name, labels and who sent them. */
export type MetricSeries = Pick<
  MetricPoint,
  'name' | 'unit' | 'kind' | 'isMonotonic' | 'attributes' | 'resource' | 'scope'
> & {
  /** Of histograms, else none. */
  readonly bounds: readonly number[];
  readonly points: readonly StoredPoint[];
};

/** Times are epoch milliseconds; `startMs` 0: not told. `counts` by bucket, of histograms. */
export type StoredPoint = {
  readonly timeMs: number;
  readonly startMs: number;
  readonly value: number | null;
  readonly count: number | null;
  readonly counts: readonly number[] | null;
};

/** Which points are asked for: of one metric, within epoch milliseconds, both included. */
export type MetricSelection = { readonly name: string; readonly fromMs: number; readonly toMs: number };
