import { Attr } from 'callspan/conventions';
import type { MetricDescriptor } from '../../../otel/src/conventions/metrics.ts';
import { translatedName } from '../../../otel/src/conventions/signals/prometheus-names.ts';
import { RESERVED_METRICS } from '../../../otel/src/conventions/signals/reserved-metrics.ts';
import { formatDuration } from '../../durations.ts';

/** A condition on one label. */
export type Matcher = readonly [label: string, operator: '=' | '!=' | '=~' | '!~', value: string];

/** The label that Prometheus makes of an attribute: `voice.stage` is `voice_stage`. */
export function labelOf(attribute: string): string {
  return attribute.replace(/[^a-zA-Z0-9_]/g, '_');
}

/** Labels of the rules, as Prometheus has them. */
export const Label = {
  service: 'service_name',
  stage: labelOf(Attr.stage),
  provider: labelOf(Attr.providerName),
  spanName: 'span_name',
  spanStatus: 'status_code',
} as const;

/** One execution series of a limit is one service, stage and provider. */
export const BY_EXECUTION = [Label.service, Label.stage, Label.provider] as const;

/** Value of {@link Label.spanStatus} of a span that failed, as the Collector's `span_metrics` writes it. */
export const SPAN_ERROR = 'STATUS_CODE_ERROR';

/** What `span_metrics` makes of spans; durations are milliseconds. */
export const SpanMetric = {
  calls: spanMetric('traces.span.metrics.calls'),
  bucket: `${spanMetric('traces.span.metrics.duration')}_bucket`,
  sum: `${spanMetric('traces.span.metrics.duration')}_sum`,
  count: `${spanMetric('traces.span.metrics.duration')}_count`,
} as const;

function spanMetric(name: string): string {
  const found = RESERVED_METRICS.find((metric) => metric.name === name);
  if (!found) throw new Error(`the conventions have no metric ${name}`);
  return translatedName(found);
}

/** The name of a metric of the SDK that came by OTLP. */
export function metricOf(metric: MetricDescriptor): string {
  return translatedName(metric);
}

/** `metric{label="value"}`. */
export function select(metric: string, matchers: readonly Matcher[]): string {
  const inside = matchers.map(([label, operator, value]) => `${label}${operator}${quote(value)}`).join(',');
  return inside === '' ? metric : `${metric}{${inside}}`;
}

/** A string of PromQL, TraceQL or a Go template. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** Text that a regular expression (RE2) matches as it stands. */
export function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The bucket of a bound: by OTLP its label is `1400`, scraped `1400.0`. */
export function within(bound: number): Matcher {
  const text = literal(String(bound));
  return ['le', '=~', Number.isInteger(bound) ? `${text}(\\.0)?` : text];
}

/**
 * How often something happened in a window, as a whole number: between the first and the last sample in it, or since its
 * last restart. `increase` extrapolates to the edges of the window, so that nine can become ten, and a share of exactly one
 * in twenty a little more.
 * @param by labels that are kept
 */
export function counted(series: string, windowMs: number, by: readonly string[]): string {
  const range = `${series}[${formatDuration(windowMs)}]`;
  return [
    `sum by (${by.join(', ')}) (`,
    `  (max_over_time(${range}) - min_over_time(${range})) unless resets(${range}) > 0`,
    `  or last_over_time(${range})`,
    ')',
  ].join('\n');
}

/** A figure without the noise of binary fractions: 14.4 x (1 - 0.99) is 0.144. */
export function figure(value: number): number {
  return Number(value.toPrecision(12));
}
