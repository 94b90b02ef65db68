import { StandardMetric } from 'callspan/conventions';
import type { MetricDescriptor } from '../../otel/src/conventions/metrics.ts';
import { labelOf, type Matcher, metricOf, quote } from '../../thresholds/generate/rules/promql.ts';

const OF_SERVICE = 'service_name=~"$service"';
/** What every query about a service is limited to: the variables of the board. */
const CHOSEN = [OF_SERVICE, 'deployment_environment_name=~"$environment"'] as const;

/** A metric of ours, or the name of a series that others make of them. */
export type SeriesName = MetricDescriptor | string;

/** The series of a metric in the services and the environment that the board shows. */
export function series(metric: SeriesName, ...matchers: readonly Matcher[]): string {
  return `${nameOf(metric)}{${[...CHOSEN, ...matchers.map(text)].join(',')}}`;
}

/** What the rules have recorded of the services that the board shows: they add up all environments of a service. */
export function recorded(name: string, ...matchers: readonly Matcher[]): string {
  return `${name}{${[OF_SERVICE, ...matchers.map(text)].join(',')}}`;
}

/** The series of a metric of the engines or the host, which have no service: `name{label="value"}`. */
export function engineSeries(name: string, ...matchers: readonly Matcher[]): string {
  return matchers.length === 0 ? name : `${name}{${matchers.map(text).join(',')}}`;
}

/** One of the series of a histogram of the SDK: `bucket`, `sum` or `count`. */
export function partOf(metric: MetricDescriptor, part: 'bucket' | 'sum' | 'count'): string {
  return `${metricOf(metric)}_${part}`;
}

/** How often a second, by labels (attributes may be given as such). */
export function perSecond(selector: string, ...by: readonly string[]): string {
  return `sum${grouping(by)} (rate(${selector}[$__rate_interval]))`;
}

/** How often in the time that the board shows. */
export function inRange(selector: string, ...by: readonly string[]): string {
  return `sum${grouping(by)} (increase(${selector}[$__range]))`;
}

/** Share of a part in a whole, both by the same labels; no data where the whole is 0, 0 where the part has no series. */
export function share(part: string, whole: string): string {
  return `((${part}) or 0 * (${whole})) / ((${whole}) > 0)`;
}

/** Mean of what a `_sum` and a `_count` counted; no data where nothing was counted. */
export function mean(sum: string, count: string, ...by: readonly string[]): string {
  return `${perSecond(sum, ...by)} / (${perSecond(count, ...by)} > 0)`;
}

/** Quantile of a histogram, estimated between its bounds; for shares over a limit the rules count exactly. */
export function quantile(q: number, buckets: string, ...by: readonly string[]): string {
  return `histogram_quantile(${q}, ${perSecond(buckets, 'le', ...by)})`;
}

/** A counter of the Collector under the names that its versions give it. */
export function collectorCounter(name: string): string {
  return `{__name__=~"${name}(_total)?"}`;
}

/** ` by (a, b)` of an aggregation, or nothing. */
function grouping(by: readonly string[]): string {
  return by.length === 0 ? '' : ` by (${by.map(labelOf).join(', ')})`;
}

function nameOf(metric: SeriesName): string {
  return typeof metric === 'string' ? metric : metricOf(metric);
}

function text([label, operator, value]: Matcher): string {
  return `${labelOf(label)}${operator}${quote(value)}`;
}

/** Seconds since a process started: every process has it, so the variables of a board are read from it. */
export const EVERY_PROCESS = metricOf(StandardMetric.processUptime);
