import { readSecret, type Setup } from './setup.ts';

/** Where what was sent can be found again; without a slash at the end. */
export type StoreAddresses = {
  /** Telemetry goes to the viewer of this set itself: the engines have nothing of it. */
  readonly isViewerAlone: boolean;
  readonly viewer: string;
  /** Bearer token of the viewer's API off loopback. */
  readonly viewerToken: string | undefined;
} & EngineAddresses;

/** Where the engines of the stack answer on this machine. */
export type EngineAddresses = {
  readonly collectorOtlp: string;
  readonly tempo: string;
  readonly loki: string;
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly grafana: string;
};

/** Variable and default of each engine: what docker-compose.yml publishes on loopback. */
const ENGINES: Readonly<Record<keyof EngineAddresses, readonly [variable: string, byDefault: string]>> = {
  collectorOtlp: ['CALLSPAN_COLLECTOR_OTLP_URL', 'http://127.0.0.1:14318'],
  tempo: ['CALLSPAN_TEMPO_URL', 'http://127.0.0.1:3200'],
  loki: ['CALLSPAN_LOKI_URL', 'http://127.0.0.1:3100'],
  prometheus: ['CALLSPAN_PROMETHEUS_URL', 'http://127.0.0.1:9090'],
  alertmanager: ['CALLSPAN_ALERTMANAGER_URL', 'http://127.0.0.1:9093'],
  grafana: ['CALLSPAN_GRAFANA_URL', 'http://127.0.0.1:3300'],
};

/** Reads the addresses of the engines; an empty value counts as not set. */
export function readEngineAddresses(env: NodeJS.ProcessEnv): EngineAddresses {
  const entries = Object.entries(ENGINES).map(([name, [variable, byDefault]]) => [
    name,
    (env[variable] || byDefault).replace(/\/+$/, ''),
  ]);
  return Object.fromEntries(entries) as EngineAddresses;
}

/** The variable that moves an engine's address. */
export function addressVariable(engine: keyof EngineAddresses): string {
  return ENGINES[engine][0];
}

/** Where the telemetry of this set-up ends. */
export function listStores({ plan, env }: Setup): StoreAddresses {
  return {
    ...readEngineAddresses(env),
    isViewerAlone: plan?.ownTelemetry === true || isViewers(env.OTEL_EXPORTER_OTLP_ENDPOINT, env),
    viewer: env.VIEWER_URL || `http://127.0.0.1:${env.VIEWER_PORT || 4300}`,
    viewerToken: readSecret(env, 'CALLSPAN_OPERATIONS_TOKEN'),
  };
}

function isViewers(endpoint: string | undefined, env: NodeJS.ProcessEnv): boolean {
  const asked = URL.parse(endpoint ?? '');
  return /^(127\.|localhost$)/.test(asked?.hostname ?? '') && asked?.port === (env.VIEWER_OTLP_PORT || '4318');
}
