import { readFileSync } from 'node:fs';
import { toAttributes } from './otlp-json.ts';

/** A metric that a run does not make by itself. */
type Planted = {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly unit: string;
  /** One series each. */
  readonly labels: readonly Readonly<Record<string, string>>[];
  /** Whose it is; an engine's or a host's where there is none. */
  readonly service?: string;
  readonly why: string;
};

const FIXTURE = 'test/fixtures/planted-metrics.json';
const SERIES_START_MS = 60_000;

/**
 * Sends the metrics of test/fixtures/planted-metrics.json to a Collector, by OTLP/HTTP.
 * @param growth what counters have counted by now; to be called again with more, as rates need two samples
 */
export async function plantMetrics(otlpUrl: string, growth: number): Promise<void> {
  const planted = JSON.parse(readFileSync(FIXTURE, 'utf8')) as readonly Planted[];
  const resourceMetrics = planted.map((metric) => ({
    resource: {
      attributes: toAttributes({ 'service.name': metric.service ?? 'planted', 'service.namespace': 'callspan' }),
    },
    scopeMetrics: [{ metrics: [toOtlp(metric, growth)] }],
  }));
  const answer = await fetch(`${otlpUrl}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics }),
  });
  if (!answer.ok) throw new Error(`the Collector answers ${answer.status}: ${await answer.text()}`);
}

function toOtlp({ name, kind, unit, labels }: Planted, growth: number): object {
  const times = { startTimeUnixNano: nanos(Date.now() - SERIES_START_MS), timeUnixNano: nanos(Date.now()) };
  const points = labels.map((own) => ({ ...times, attributes: toAttributes(own) }));
  const cumulative = { aggregationTemporality: 2 };
  if (kind === 'gauge')
    return { name, unit, gauge: { dataPoints: points.map((point) => ({ ...point, asDouble: 1 })) } };
  if (kind === 'counter') {
    const dataPoints = points.map((point) => ({ ...point, asDouble: growth }));
    return { name, unit, sum: { ...cumulative, isMonotonic: true, dataPoints } };
  }
  const counted = {
    count: String(growth),
    sum: growth,
    explicitBounds: [0.1, 1],
    bucketCounts: [0, growth, 0].map(String),
  };
  return { name, unit, histogram: { ...cumulative, dataPoints: points.map((point) => ({ ...point, ...counted })) } };
}

function nanos(ms: number): string {
  return `${ms}000000`;
}
