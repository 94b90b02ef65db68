import type { Signal } from './worker/protocol.ts';

/** What a signal is called in the variables and paths of OTLP exporters. */
export const SIGNAL_NAMES = {
  traces: { variable: 'TRACES', path: 'v1/traces' },
  logs: { variable: 'LOGS', path: 'v1/logs' },
  metrics: { variable: 'METRICS', path: 'v1/metrics' },
} as const satisfies Record<Signal, { variable: string; path: string }>;
