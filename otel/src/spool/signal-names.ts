import type { Signal } from './worker/protocol.ts';

/** What a signal is called in the variables and paths of OTLP exporters. */
export const SIGNAL_NAMES = {
  traces: { variable: 'TRACES', protocol: 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', path: 'v1/traces' },
  logs: { variable: 'LOGS', protocol: 'OTEL_EXPORTER_OTLP_LOGS_PROTOCOL', path: 'v1/logs' },
  metrics: { variable: 'METRICS', protocol: 'OTEL_EXPORTER_OTLP_METRICS_PROTOCOL', path: 'v1/metrics' },
} as const satisfies Record<Signal, { variable: string; protocol: string; path: string }>;
