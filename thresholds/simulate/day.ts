import { type MetricDescriptor, SpanName, type StageName, StandardMetric } from 'callspan/conventions';
import { Label, metricOf, SPAN_ERROR, SpanMetric } from '../generate/rules/promql.ts';
import type { Thresholds } from '../model.ts';
import { COLLECTOR, type Counters, createCounters, type Gap, type InputSeries } from './counters.ts';

/** The service whose calls are simulated. */
export const BOT = 'bot';
/** The service that records are saved to. */
export const RECORDS = 'records';
/** The label of executions behind which no provider is. */
export const NO_PROVIDER = 'none';

/** Value of the status of a span that did not fail. */
const SPAN_UNSET = 'STATUS_CODE_UNSET';

/** One execution of a stage, when it ended (milliseconds of the day). */
export type Execution = {
  readonly stage: StageName;
  readonly provider: string;
  readonly atMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
};

/** A request that a service answered. */
export type Request = {
  readonly service: string;
  readonly atMs: number;
  readonly durationMs: number;
  readonly status: number;
};

/** A day as it happens: what ended, and the series that come of it. */
export type Day = {
  readonly executions: readonly Execution[];
  readonly calls: number;
  execute(execution: Execution): void;
  endCall(atMs: number): void;
  answer(request: Request): void;
  /** A span that exists only where something was wrong. */
  note(span: string, atMs: number, durationMs: number): void;
  /** Something that a service counts by itself. */
  count(metric: MetricDescriptor, labels: Readonly<Record<string, string>>, atMs: number): void;
  /** Something whose state a service tells. */
  gauge(metric: MetricDescriptor, labels: Readonly<Record<string, string>>, valueAt: (atMs: number) => number): void;
  /** A series of an engine, by its name in Prometheus. */
  engine(name: string, labels: Readonly<Record<string, string>>, valueAt: (atMs: number) => number): void;
  list(gaps: readonly Gap[]): readonly InputSeries[];
};

/** An empty day; of histograms only the bounds that rules read are kept. */
export function createDay(thresholds: Thresholds): Day {
  const counters = createCounters();
  const executions: Execution[] = [];
  let calls = 0;
  const boundsOf = boundsByStage(thresholds);

  const spans = new Map<string, (atMs: number, durationMs: number) => void>();
  const span = (key: string, labels: () => Readonly<Record<string, string>>, bounds: readonly number[]) => {
    const found = spans.get(key) ?? countSpans(counters, labels(), bounds);
    spans.set(key, found);
    return found;
  };
  const ofService = (metric: MetricDescriptor, labels: Readonly<Record<string, string>>) => ({
    name: metricOf(metric),
    labels,
    keeper: labels[Label.service] ?? BOT,
  });

  const note = (name: string, atMs: number, durationMs: number) =>
    span(name, () => plainSpan(name), boundsOf.get(name) ?? [])(atMs, durationMs);

  return {
    executions,
    get calls() {
      return calls;
    },
    execute(execution) {
      const { stage, provider, atMs, durationMs, failed } = execution;
      executions.push(execution);
      const labels = () => ({
        [Label.service]: BOT,
        [Label.spanName]: `voice.${stage}`,
        [Label.stage]: stage,
        [Label.provider]: provider,
        [Label.spanStatus]: failed ? SPAN_ERROR : SPAN_UNSET,
      });
      span(`${stage} ${provider} ${failed}`, labels, boundsOf.get(stage) ?? [])(atMs, durationMs);
    },
    endCall(atMs) {
      calls += 1;
      note(SpanName.call, atMs, 60_000);
    },
    note,
    answer({ service, atMs, durationMs, status }) {
      const name = metricOf(StandardMetric.httpServerDuration);
      const labels = { [Label.service]: service, http_response_status_code: String(status) };
      const rise = (suffix: string, more: Readonly<Record<string, string>>, by: number) =>
        counters.counter({ name: `${name}_${suffix}`, labels: { ...labels, ...more }, keeper: service })(atMs, by);
      const boundMs = thresholds.http.p95.aboveMs;
      rise('count', {}, 1);
      rise('sum', {}, durationMs / 1000);
      rise('bucket', { le: String(boundMs / 1000) }, durationMs <= boundMs ? 1 : 0);
      rise('bucket', { le: '+Inf' }, 1);
    },
    count: (metric, labels, atMs) => counters.counter(ofService(metric, labels))(atMs),
    gauge: (metric, labels, valueAt) => counters.gauge(ofService(metric, labels), valueAt),
    engine: (name, labels, valueAt) => counters.gauge({ name, labels, keeper: COLLECTOR }, valueAt),
    list: (gaps) => counters.list(gaps),
  };
}

/** The series that the Collector makes of spans with these labels. */
function countSpans(counters: Counters, labels: Readonly<Record<string, string>>, bounds: readonly number[]) {
  const of = (name: string, more: Readonly<Record<string, string>> = {}) =>
    counters.counter({ name, labels: { ...labels, ...more }, keeper: COLLECTOR });
  const all = [of(SpanMetric.calls), of(SpanMetric.count), of(SpanMetric.bucket, { le: '+Inf' })];
  const sum = of(SpanMetric.sum);
  const within = bounds.map((bound) => [bound, of(SpanMetric.bucket, { le: String(bound) })] as const);
  return (atMs: number, durationMs: number) => {
    for (const rise of all) rise(atMs);
    sum(atMs, Math.round(durationMs));
    // A bucket that holds nothing yet is there as soon as the others are.
    for (const [bound, rise] of within) rise(atMs, durationMs <= bound ? 1 : 0);
  };
}

function plainSpan(name: string): Readonly<Record<string, string>> {
  return { [Label.service]: BOT, [Label.spanName]: name, [Label.provider]: NO_PROVIDER, [Label.stage]: NO_PROVIDER };
}

function boundsByStage({ limits, deadAir, eventLoopBlocked }: Thresholds): ReadonlyMap<string, readonly number[]> {
  const rows: readonly (readonly [string, { readonly warningMs: number; readonly criticalMs: number }])[] = [
    ...limits.map((limit) => [limit.stage, limit] as const),
    [SpanName.deadAir, deadAir],
    [SpanName.eventLoopBlocked, eventLoopBlocked],
  ];
  const bounds = new Map<string, readonly number[]>();
  for (const [name, { warningMs, criticalMs }] of rows) {
    bounds.set(name, [...new Set([...(bounds.get(name) ?? []), warningMs, criticalMs])]);
  }
  return bounds;
}
