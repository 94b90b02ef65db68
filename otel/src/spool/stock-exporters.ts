import { createRequire } from 'node:module';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { loadBase } from './destinations.ts';
import { SIGNAL_NAMES } from './signal-names.ts';
import type { Signal } from './worker/protocol.ts';

// CommonJS for the same reason as in sdk/start.ts.
const load = createRequire(import.meta.url);

/** The way out of the process, one exporter a signal. */
export type Exporters = {
  readonly traces: SpanExporter;
  readonly logs: LogRecordExporter;
  readonly metrics: PushMetricExporter;
};

/** OpenTelemetry's own exporters: what a receiver does not take within their few attempts is lost. */
export function createStockExporters(
  headers: Readonly<Record<string, string>>,
  isProtobuf: Readonly<Record<Signal, boolean>>,
): Exporters {
  return {
    traces: createTraceExporter(headers, isProtobuf.traces),
    logs: createLogExporter(headers, isProtobuf.logs),
    metrics: createMetricExporter(headers, isProtobuf.metrics),
  };
}

function createTraceExporter(headers: Readonly<Record<string, string>>, isProtobuf: boolean): SpanExporter {
  const { OTLPTraceExporter } = load(
    '@opentelemetry/exporter-trace-otlp-http',
  ) as typeof import('@opentelemetry/exporter-trace-otlp-http');
  if (!isProtobuf) return new OTLPTraceExporter({ headers: { ...headers } });
  const { ProtobufTraceSerializer, TraceExporterMetricsHelper } = loadTransformer();
  const { createOtlpHttpExportDelegate } = loadBase();
  const kind = 'otlp_http_span_exporter';
  return createOtlpHttpExportDelegate(
    protobufOptions('traces', headers),
    ProtobufTraceSerializer,
    kind,
    TraceExporterMetricsHelper,
    undefined,
  );
}

function createLogExporter(headers: Readonly<Record<string, string>>, isProtobuf: boolean): LogRecordExporter {
  const { OTLPLogExporter } = load(
    '@opentelemetry/exporter-logs-otlp-http',
  ) as typeof import('@opentelemetry/exporter-logs-otlp-http');
  if (!isProtobuf) return new OTLPLogExporter({ headers: { ...headers } });
  const { ProtobufLogsSerializer, LogsExporterMetricsHelper } = loadTransformer();
  const { createOtlpHttpExportDelegate } = loadBase();
  const kind = 'otlp_http_log_exporter';
  return createOtlpHttpExportDelegate(
    protobufOptions('logs', headers),
    ProtobufLogsSerializer,
    kind,
    LogsExporterMetricsHelper,
    undefined,
  );
}

function createMetricExporter(headers: Readonly<Record<string, string>>, isProtobuf: boolean): PushMetricExporter {
  const { OTLPMetricExporter, OTLPMetricExporterBase } = load(
    '@opentelemetry/exporter-metrics-otlp-http',
  ) as typeof import('@opentelemetry/exporter-metrics-otlp-http');
  if (!isProtobuf) return new OTLPMetricExporter({ headers: { ...headers } });
  const { ProtobufMetricsSerializer, MetricsExporterMetricsHelper } = loadTransformer();
  const { createOtlpHttpExportDelegate } = loadBase();
  const kind = 'otlp_http_metric_exporter';
  return new OTLPMetricExporterBase(
    createOtlpHttpExportDelegate(
      protobufOptions('metrics', headers),
      ProtobufMetricsSerializer,
      kind,
      MetricsExporterMetricsHelper,
      undefined,
    ),
  );
}

function protobufOptions(signal: Signal, headers: Readonly<Record<string, string>>) {
  const { variable, path } = SIGNAL_NAMES[signal];
  const type = { 'Content-Type': 'application/x-protobuf' };
  return loadBase().convertLegacyHttpOptions({ headers: { ...headers } }, variable, path, type);
}

/** Turns spans, log records and metrics into OTLP. */
export function loadTransformer(): typeof import('@opentelemetry/otlp-transformer') {
  return load('@opentelemetry/otlp-transformer');
}
