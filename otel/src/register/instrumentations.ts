import { createRequire } from 'node:module';
import type { Instrumentation } from '@opentelemetry/instrumentation';

// CommonJS for the same reason as in start.ts.
const load = createRequire(import.meta.url);

const PACKAGE = '@opentelemetry/auto-instrumentations-node';

/** Made by the kit itself, seen better by it (openai), or so noisy that one webhook would make 24 spans. */
const OFF = [
  'http',
  'express',
  'undici',
  'pg',
  'runtime-node',
  'host-metrics',
  'openai',
  'fs',
  'net',
  'dns',
  'router',
  'connect',
  'socket.io',
];

/** The instrumentations of other people's libraries, or why there are none. */
export type FoundInstrumentations = { readonly instrumentations: Instrumentation[]; readonly missing?: string };

/** Loads the optional peer `@opentelemetry/auto-instrumentations-node`; without it the kit's own four remain. */
export function findInstrumentations(): FoundInstrumentations {
  try {
    const { getNodeAutoInstrumentations } = load(PACKAGE) as {
      getNodeAutoInstrumentations(config: Record<string, object>): Instrumentation[];
    };
    const config: Record<string, object> = {
      // Its records reach nobody on SDK 3: the kit sends them.
      '@opentelemetry/instrumentation-winston': { disableLogSending: true },
    };
    for (const name of OFF) config[`@opentelemetry/instrumentation-${name}`] = { enabled: false };
    return { instrumentations: getNodeAutoInstrumentations(config) };
  } catch (error) {
    const isMissing = (error as { code?: string }).code === 'MODULE_NOT_FOUND';
    const missing = isMissing
      ? `pino, queues and databases other than pg are not watched; to add them: npm i ${PACKAGE}@${ownVersion()}, with the overrides that the README of callspan gives for it ("One copy of the SDK")`
      : `${PACKAGE} could not be loaded: ${String(error)}`;
    return { instrumentations: [], missing };
  }
}

/** The version that the kit is tested with: another one may bring other copies of the SDK. */
function ownVersion(): string {
  const { peerDependencies } = load('../../package.json') as { peerDependencies: Readonly<Record<string, string>> };
  return peerDependencies[PACKAGE]?.replace(/^[^\d]+/, '') ?? 'latest';
}
