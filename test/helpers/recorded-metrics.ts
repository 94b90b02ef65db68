import type { Attributes, Meter } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

/** One point of a metric: a counter's value, or a histogram's sum and count. */
export type MetricPoint = {
  readonly labels: Attributes;
  readonly value: number;
  readonly count?: number;
};

/** A meter of the SDK whose figures can be looked at. */
export type MetricRecorder = {
  readonly meter: Meter;
  /** What was counted; the sets of labels that begin with 0 and stayed there are left out. */
  points(name: string): Promise<MetricPoint[]>;
  /** Every set of labels. */
  allPoints(name: string): Promise<MetricPoint[]>;
  close(): Promise<void>;
};

export function startMetricRecorder(): MetricRecorder {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const allPoints = async (name: string) => {
    exporter.reset();
    await provider.forceFlush();
    const metrics = exporter
      .getMetrics()
      .flatMap((resource) => resource.scopeMetrics.flatMap((scope) => scope.metrics));
    return metrics
      .filter((metric) => metric.descriptor.name === name)
      .flatMap((metric): MetricPoint[] =>
        metric.dataPoints.map(({ attributes, value }) =>
          typeof value === 'number'
            ? { labels: attributes, value }
            : { labels: attributes, value: (value as Histogram).sum ?? 0, count: (value as Histogram).count },
        ),
      );
  };
  return {
    meter: provider.getMeter('test'),
    points: async (name) => (await allPoints(name)).filter(({ value, count }) => value !== 0 || count !== undefined),
    allPoints,
    close: () => provider.shutdown(),
  };
}
