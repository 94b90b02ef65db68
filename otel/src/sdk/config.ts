import { wrongOption } from '../check-options.ts';
import { type MetricsConfig, readMetricsConfig } from '../metrics/config.ts';
import { readSecretFiles } from '../secret-files.ts';
import { serviceNameOf } from './service-name.ts';

/** What the kit reads from the environment. Standard `OTEL_*` names keep their standard meaning. */
export type TelemetryConfig = {
  /** `OTEL_SDK_DISABLED=true` turns everything off. */
  readonly disabled: boolean;
  readonly serviceName: string;
  readonly environment: string;
  /** Where spans are announced when they start; unset: nowhere. */
  readonly liveEndpoint: string | undefined;
  /** `OTEL_LOGS_EXPORTER=none` keeps log records in the process. */
  readonly exportLogs: boolean;
  readonly exportTraces: boolean;
  readonly metrics: MetricsConfig;
  /** `CALLSPAN_EXCEPTIONS=off` leaves errors that nobody handled to Node alone. */
  readonly watchExceptions: boolean;
  /** Bearer token for the telemetry listener when it is not on loopback. */
  readonly telemetryToken: string | undefined;
};

/** Content level of `CALLSPAN_CAPTURE`: `off` keeps no word of a conversation, `masked` the words without personal data, `full` all of them. */
export type CaptureLevel = 'off' | 'masked' | 'full';

/** `OTEL_SDK_DISABLED=true`: a bot costs what it would cost without the kit, as far as the kit can help it. */
export function isTelemetryDisabled(env: NodeJS.ProcessEnv = process.env): boolean {
  return env.OTEL_SDK_DISABLED === 'true';
}

/** @throws Error `telemetry_config` when a value has no meaning here. */
export function readTelemetryConfig(env: NodeJS.ProcessEnv = process.env): TelemetryConfig {
  for (const name of RECEIVERS) checkReceiver(name, env[name]);
  return {
    disabled: isTelemetryDisabled(env),
    serviceName: serviceNameOf(env),
    environment: env.CALLSPAN_ENVIRONMENT ?? 'development',
    liveEndpoint: env.CALLSPAN_LIVE_ENDPOINT || undefined,
    exportLogs: isExported('OTEL_LOGS_EXPORTER', env),
    exportTraces: isExported('OTEL_TRACES_EXPORTER', env),
    metrics: readMetricsConfig(env),
    watchExceptions: parseSwitch('CALLSPAN_EXCEPTIONS', env.CALLSPAN_EXCEPTIONS),
    telemetryToken: readSecretFiles(env, ['CALLSPAN_TELEMETRY_TOKEN']).CALLSPAN_TELEMETRY_TOKEN || undefined,
  };
}

const RECEIVERS = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
  'CALLSPAN_LIVE_ENDPOINT',
];

/** OpenTelemetry itself would take `localhost:4318` for nothing, and send everything to the default. */
function checkReceiver(name: string, value: string | undefined): void {
  if (!value || /^https?:$/.test(URL.parse(value)?.protocol ?? '')) return;
  throw wrongOption(name, value, 'a URL that begins with http:// or https://');
}

function isExported(name: string, env: NodeJS.ProcessEnv): boolean {
  const value = env[name] || 'otlp';
  if (value !== 'otlp' && value !== 'none') throw wrongOption(name, value, 'otlp or none');
  return value === 'otlp';
}

function parseSwitch(name: string, value: string | undefined): boolean {
  if (value === undefined || value === '' || value === 'on') return true;
  if (value === 'off') return false;
  throw new Error(`${name} must be on or off, not "${value}"`);
}

/**
 * Parses `CALLSPAN_CAPTURE`; unset means `off`.
 * @throws Error naming the allowed values.
 */
export function parseCaptureLevel(value: string | undefined): CaptureLevel {
  if (value === undefined || value === '' || value === 'off') return 'off';
  if (value === 'masked' || value === 'full') return value;
  throw new Error(`CALLSPAN_CAPTURE must be off, masked or full, not "${value}"`);
}
