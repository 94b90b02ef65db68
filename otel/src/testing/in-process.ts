import { createRequire } from 'node:module';
import { context, type HrTime, logs, type Meter, metrics, type Tracer, trace } from '@opentelemetry/api';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { DataPoint, Histogram, MetricData } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { SCOPE_NAME } from '../conventions/index.ts';
import { createCallStamp } from '../sdk/span-processors.ts';
import { asText } from './read-otlp.ts';
import {
  kindOf,
  type SeenLog,
  type SeenMetric,
  type SeenPoint,
  type SeenSpan,
  type SeenTelemetry,
  statusOf,
} from './seen.ts';

// CommonJS for the same reason as in sdk/start.ts.
const load = createRequire(import.meta.url);
const NEVER_BY_ITSELF_MS = 2_147_483_647;

/** An SDK that keeps everything in this process; nothing is patched and nothing leaves. */
export type TestTelemetry = SeenTelemetry & {
  /** For `createCallspan({ tracer, meter })`; what takes the process's own gets the same ones. */
  readonly tracer: Tracer;
  readonly meter: Meter;
};

/**
 * Makes an SDK for the test's own process and registers it as the process's tracer, meter, logger and context manager,
 * until `close`.
 * @throws Error when telemetry is already running in this process
 */
export function createTestTelemetry(): TestTelemetry {
  const spans = createSpanCensus();
  const seenLogs: SeenLog[] = [];
  const tracing = startTracing(spans.processor);
  const metering = startMetering();
  const { LoggerProvider } = load('@opentelemetry/sdk-logs') as typeof import('@opentelemetry/sdk-logs');
  const loggerProvider = new LoggerProvider({ processors: [keepLogs(seenLogs)] });
  logs.setGlobalLoggerProvider(loggerProvider);
  return {
    tracer: tracing.provider.getTracer(SCOPE_NAME),
    meter: metering.provider.getMeter(SCOPE_NAME),
    spans: () => spans.ended,
    openSpans: () => [...spans.open.values()].map(toSeenSpan),
    logs: () => seenLogs,
    metrics: metering.collect,
    reset() {
      spans.ended.length = 0;
      spans.open.clear();
      seenLogs.length = 0;
      metering.reset();
    },
    async close() {
      for (const api of [trace, context, metrics, logs]) api.disable();
      await Promise.all([tracing.provider.shutdown(), metering.provider.shutdown(), loggerProvider.shutdown()]);
    },
  };
}

function startTracing(census: SpanProcessor) {
  const { TracerProvider } = load('@opentelemetry/sdk-trace') as typeof import('@opentelemetry/sdk-trace');
  const { AsyncLocalStorageContextManager } = load(
    '@opentelemetry/context-async-hooks',
  ) as typeof import('@opentelemetry/context-async-hooks');
  const provider = new TracerProvider({ spanProcessors: [createCallStamp(), census] });
  if (!trace.setGlobalTracerProvider(provider)) {
    throw new Error(
      'telemetry is already running in this process: run this test without a preload, and close the last',
    );
  }
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return { provider };
}

function createSpanCensus() {
  const ended: SeenSpan[] = [];
  const open = new Map<string, ReadableSpan>();
  const nothing = async () => undefined;
  const processor: SpanProcessor = {
    onStart: (span: Span) => void open.set(span.spanContext().spanId, span as unknown as ReadableSpan),
    onEnd(span) {
      // One that was forgotten by `reset` belongs to an earlier test.
      if (open.delete(span.spanContext().spanId)) ended.push(toSeenSpan(span));
    },
    forceFlush: nothing,
    shutdown: nothing,
  };
  return { ended, open, processor };
}

function keepLogs(kept: SeenLog[]): LogRecordProcessor {
  const nothing = async () => undefined;
  return { onEmit: (record) => void kept.push(toSeenLog(record)), forceFlush: nothing, shutdown: nothing };
}

function startMetering() {
  const { MeterProvider, PeriodicExportingMetricReader, InMemoryMetricExporter, AggregationTemporality } = load(
    '@opentelemetry/sdk-metrics',
  ) as typeof import('@opentelemetry/sdk-metrics');
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: NEVER_BY_ITSELF_MS });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  return {
    provider,
    reset: () => exporter.reset(),
    async collect(): Promise<SeenMetric[]> {
      exporter.reset();
      await provider.forceFlush();
      const scopes = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
      return scopes.flatMap((scope) => scope.metrics.map(toSeenMetric));
    },
  };
}

function toSeenSpan(span: ReadableSpan): SeenSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    name: span.name,
    kind: kindOf(span.kind),
    startMs: toMs(span.startTime),
    durationMs: span.ended ? toMs(span.duration) : 0,
    attributes: { ...span.attributes },
    events: span.events.map(({ name, attributes = {} }) => ({ name, attributes })),
    status: statusOf(span.status.code),
    scope: span.instrumentationScope.name,
    resource: span.resource.attributes,
  };
}

function toSeenLog(record: ReadableLogRecord): SeenLog {
  return {
    eventName: record.eventName,
    body: asText(record.body),
    severityNumber: record.severityNumber ?? 0,
    traceId: record.spanContext?.traceId,
    spanId: record.spanContext?.spanId,
    attributes: { ...record.attributes },
    scope: record.instrumentationScope.name,
    resource: record.resource.attributes,
  };
}

function toSeenMetric({ descriptor, dataPoints }: MetricData): SeenMetric {
  const points = (dataPoints as DataPoint<unknown>[]).map(({ attributes, value }): SeenPoint => {
    if (typeof value === 'number') return { attributes, value };
    const { sum = 0, count, buckets } = value as Histogram;
    return { attributes, value: sum, count, bounds: buckets.boundaries, bucketCounts: buckets.counts };
  });
  return { name: descriptor.name, unit: descriptor.unit, points };
}

function toMs([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + nanoseconds / 1e6;
}
