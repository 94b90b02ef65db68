import { join, resolve } from 'node:path';
import type { ServiceName, SetOptions } from './options.ts';
import { ensureSecrets } from './secrets.ts';

/** Default ports and the variables that move them (DESIGN: fixed doors). */
export const PORTS = {
  bot: { variable: 'BOT_PORT', port: 3000 },
  botOperations: { variable: 'BOT_METRICS_PORT', port: 9464 },
  records: { variable: 'RECORDS_PORT', port: 3001 },
  openai: { variable: 'STANDIN_PORT', port: 3002 },
  caller: { variable: 'TWILIO_SIM_PORT', port: 3003 },
  viewer: { variable: 'VIEWER_PORT', port: 4300 },
  viewerOtlp: { variable: 'VIEWER_OTLP_PORT', port: 4318 },
} as const;
export type PortName = keyof typeof PORTS;

/** The ports that each service opens. */
export const PORTS_OF: Readonly<Record<ServiceName, readonly PortName[]>> = {
  viewer: ['viewer', 'viewerOtlp'],
  records: ['records'],
  openai: ['openai'],
  bot: ['bot', 'botOperations'],
  caller: ['caller'],
};

/** How the set runs: which services, with which environment, and where a person looks. */
export type SetPlan = {
  readonly services: readonly ServiceName[];
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** A carrier's line instead of the simulated one. */
  readonly realLine: boolean;
  /** Telemetry goes to the viewer of this set. */
  readonly ownTelemetry: boolean;
  readonly address: (port: PortName) => string;
};

/**
 * Plans the set from options and environment.
 * @param findSecrets given the data folder: what was made at first start, made now by default
 * @throws Error of one line when the two contradict each other
 */
export function planSet(options: SetOptions, env: NodeJS.ProcessEnv, findSecrets = ensureSecrets): SetPlan {
  const dataDir = resolve(env.CALLSPAN_DATA_DIR || '.callspan');
  const realLine = Boolean(env.PUBLIC_BASE_URL) && !isLoopback(env.PUBLIC_BASE_URL ?? '');
  const realModels = env.CALLSPAN_MODELS === 'openai' || MODEL_URLS.some((name) => env[name]);
  refuseMixture(realLine, realModels);
  if (realLine) requireKeys(env);
  const portOf = (name: PortName) =>
    parsePort(PORTS[name].variable, env[PORTS[name].variable] || String(PORTS[name].port));
  const address = (name: PortName) => `http://127.0.0.1:${portOf(name)}`;
  const services = options.only.filter((name) => !realLine || (name !== 'openai' && name !== 'caller'));
  const ownTelemetry = !env.OTEL_EXPORTER_OTLP_ENDPOINT && !env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  return {
    services,
    dataDir,
    realLine,
    ownTelemetry,
    address,
    env: {
      ...secretsNotGiven(findSecrets(dataDir), env),
      ...env,
      CALLSPAN_DATA_DIR: dataDir,
      CALLSPAN_SPEED: String(options.speed),
      LOG_DIR: resolve(env.LOG_DIR || join(dataDir, 'logs')),
      // Five services would bury the few lines of the set.
      LOG_CONSOLE: env.LOG_CONSOLE || 'off',
      CALLSPAN_CAPTURE:
        env.CALLSPAN_CAPTURE || defaultCapture(realLine, ownTelemetry && !env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT),
      RECORDS_URL: env.RECORDS_URL || address('records'),
      VIEWER_URL: address('viewer'),
      ...(realLine ? {} : { ...standInModels(address('openai')), CALLSPAN_CARRIER: env.CALLSPAN_CARRIER || 'none' }),
      ...(ownTelemetry ? viewerTelemetry(address('viewerOtlp')) : {}),
    },
  };
}

/** No real person is on the simulated line; of a real one nothing that is said leaves the machine. */
function defaultCapture(realLine: boolean, staysHere: boolean): string {
  if (!realLine) return 'full';
  return staysHere ? 'masked' : 'off';
}

const MODEL_URLS = ['OPENAI_BASE_URL', 'STT_BASE_URL', 'LLM_BASE_URL', 'TTS_BASE_URL'];

/** Whatever key is in the shell, the simulated line speaks to the stand-in: the real models would hear a modem. */
function standInModels(url: string): NodeJS.ProcessEnv {
  return { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: 'stand-in' };
}

function viewerTelemetry(url: string): NodeJS.ProcessEnv {
  return { OTEL_EXPORTER_OTLP_ENDPOINT: url, CALLSPAN_LIVE_ENDPOINT: `${url}/v1/pending` };
}

function refuseMixture(realLine: boolean, realModels: boolean): void {
  if (realLine && !realModels) {
    throw new Error(
      'a real line (PUBLIC_BASE_URL) needs real models: set CALLSPAN_MODELS=openai and OPENAI_API_KEY, or unset PUBLIC_BASE_URL',
    );
  }
  if (!realLine && realModels) {
    throw new Error(
      'the simulated line speaks a modem that only the stand-in models hear: set PUBLIC_BASE_URL for a real line, or unset CALLSPAN_MODELS and *_BASE_URL',
    );
  }
}

function parsePort(variable: string, text: string): string {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new Error(`${variable} must be a port number, not "${text}"`);
  return text;
}

function requireKeys(env: NodeJS.ProcessEnv): void {
  for (const name of ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'OPENAI_API_KEY']) {
    if (!env[name] && !env[`${name}_FILE`])
      throw new Error(`a real line needs ${name}: set it, or ${name}_FILE to a file that holds it`);
  }
}

/** What was made at first start gives way to what the person set, in a variable or in a file. */
function secretsNotGiven(made: Readonly<Record<string, string>>, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(made).filter(([name]) => !env[name] && !env[`${name}_FILE`]));
}

function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? '';
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
