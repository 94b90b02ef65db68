import { createRequire } from 'node:module';
import type { LogRecordExporter } from '@opentelemetry/sdk-logs';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { TelemetryConfig } from './config.ts';

// CommonJS for the same reason as in start.ts.
const load = createRequire(import.meta.url);

const EXPORT_TIMEOUT_MS = 10_000;

/** The one way out of the process, for all three signals. */
export type Outlet = {
  readonly traces: SpanExporter;
  readonly logs: LogRecordExporter;
  readonly metrics: PushMetricExporter;
};

/** Opens the way to `OTEL_EXPORTER_OTLP_ENDPOINT` (or the variable of the signal). */
export function openOutlet(config: TelemetryConfig): Outlet {
  const { OTLPTraceExporter } = load(
    '@opentelemetry/exporter-trace-otlp-http',
  ) as typeof import('@opentelemetry/exporter-trace-otlp-http');
  const { OTLPLogExporter } = load(
    '@opentelemetry/exporter-logs-otlp-http',
  ) as typeof import('@opentelemetry/exporter-logs-otlp-http');
  const { OTLPMetricExporter } = load(
    '@opentelemetry/exporter-metrics-otlp-http',
  ) as typeof import('@opentelemetry/exporter-metrics-otlp-http');
  const options = { headers: authorization(config), timeoutMillis: EXPORT_TIMEOUT_MS };
  return {
    traces: new OTLPTraceExporter(options),
    logs: new OTLPLogExporter(options),
    metrics: new OTLPMetricExporter(options),
  };
}

function authorization(config: TelemetryConfig): Record<string, string> {
  return config.telemetryToken ? { authorization: `Bearer ${config.telemetryToken}` } : {};
}
