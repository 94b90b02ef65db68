/** The metrics part of the environment. Standard `OTEL_*` names keep their standard meaning. */
export type MetricsConfig = {
  /** `otlp` in `OTEL_METRICS_EXPORTER` (default): pushed with the other signals. */
  readonly isPushed: boolean;
  /** `prometheus` in `OTEL_METRICS_EXPORTER`: the kit opens a listener for scrapes. */
  readonly isServed: boolean;
  /** `OTEL_METRIC_EXPORT_INTERVAL`, milliseconds. */
  readonly intervalMs: number;
  /** `OTEL_METRIC_EXPORT_TIMEOUT`, milliseconds; never longer than the interval. */
  readonly timeoutMs: number;
  /** `OTEL_EXPORTER_PROMETHEUS_HOST`. */
  readonly host: string;
  /** `OTEL_EXPORTER_PROMETHEUS_PORT`; 0: any free port. */
  readonly port: number;
  /** `CALLSPAN_METRICS_TOKEN_FILE`: scrapes must bring what this file holds as bearer token. */
  readonly tokenFile: string | undefined;
  /** `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE` asks for sums since the last export: such figures cannot be scraped. */
  readonly isDelta: boolean;
};

const DEFAULT_INTERVAL_MS = 15_000;
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_PORT = 9464;
const EXPORTERS: readonly string[] = ['otlp', 'prometheus', 'none'];

/** @throws Error naming the variable, its value and the expected form */
export function readMetricsConfig(env: NodeJS.ProcessEnv): MetricsConfig {
  const exporters = readExporters(env.OTEL_METRICS_EXPORTER);
  const intervalMs = readNumber(env, 'OTEL_METRIC_EXPORT_INTERVAL', { fallback: DEFAULT_INTERVAL_MS, least: 1 });
  const timeoutMs = readNumber(env, 'OTEL_METRIC_EXPORT_TIMEOUT', { fallback: DEFAULT_TIMEOUT_MS, least: 1 });
  const temporality = env.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE ?? '';
  return {
    isPushed: exporters.includes('otlp'),
    isServed: exporters.includes('prometheus'),
    intervalMs,
    timeoutMs: Math.min(timeoutMs, intervalMs),
    host: env.OTEL_EXPORTER_PROMETHEUS_HOST || 'localhost',
    port: readNumber(env, 'OTEL_EXPORTER_PROMETHEUS_PORT', { fallback: DEFAULT_PORT, least: 0, most: 65_535 }),
    tokenFile: env.CALLSPAN_METRICS_TOKEN_FILE || undefined,
    isDelta: /^(delta|lowmemory)$/i.test(temporality.trim()),
  };
}

function readExporters(value: string | undefined): string[] {
  const names = (value ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const wrong = names.find((name) => !EXPORTERS.includes(name));
  if (wrong !== undefined || (names.includes('none') && names.length > 1)) {
    throw new Error(`OTEL_METRICS_EXPORTER is "${value}"; expected otlp, prometheus, otlp,prometheus or none`);
  }
  return names.length === 0 ? ['otlp'] : names;
}

type Range = { readonly fallback: number; readonly least: number; readonly most?: number };

function readNumber(env: NodeJS.ProcessEnv, name: string, { fallback, least, most = 2 ** 31 - 1 }: Range): number {
  const value = env[name];
  if (value === undefined || value === '') return fallback;
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Error(`${name} is "${value}"; expected a whole number from ${least} to ${most}`);
}
