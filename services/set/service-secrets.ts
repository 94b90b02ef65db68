import type { ServiceName } from './options.ts';

/** The services that send telemetry and measures. */
const SENDERS: readonly ServiceName[] = ['bot', 'records'];

/** Which services need a secret of the set; the others are not given it, in a variable or as `NAME_FILE`. */
const NEEDED_BY: Readonly<Record<string, readonly ServiceName[]>> = {
  OPENAI_API_KEY: ['bot'],
  TWILIO_AUTH_TOKEN: ['bot', 'caller'],
  CALLSPAN_STREAM_SECRET: ['bot'],
  // One key wherever a number becomes its hash: both write telemetry of the same callers.
  CALLSPAN_HMAC_KEY: SENDERS,
  DATABASE_URL: ['records'],
  DATABASE_PASSWORD: ['records'],
  // Who is behind it off loopback, and who asks them.
  CALLSPAN_OPERATIONS_TOKEN: ['bot', 'records', 'viewer'],
  CALLSPAN_TELEMETRY_TOKEN: [...SENDERS, 'viewer'],
  CALLSPAN_METRICS_TOKEN: SENDERS,
  INFLUXDB_TOKEN: SENDERS,
  // The headers of an OTLP receiver hold its token.
  OTEL_EXPORTER_OTLP_HEADERS: SENDERS,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: SENDERS,
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: SENDERS,
  OTEL_EXPORTER_OTLP_LOGS_HEADERS: SENDERS,
};

/** The environment of one service: all of the set's, without the secrets that are other services'. */
export function withoutForeignSecrets(env: NodeJS.ProcessEnv, service: ServiceName): NodeJS.ProcessEnv {
  const isGiven = (name: string) => NEEDED_BY[name.replace(/_FILE$/, '')]?.includes(service) ?? true;
  return Object.fromEntries(Object.entries(env).filter(([name]) => isGiven(name)));
}
