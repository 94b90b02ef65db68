import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How an engine is made: a folder of `test/engines/go` with its module list, and the Go package in it. */
type Recipe = {
  readonly folder: string;
  readonly package: string;
  /** As people know it. */
  readonly version: string;
  /** The line of the folder's go.mod that says so: module, then version. */
  readonly module: string;
};

const PROMETHEUS = {
  folder: 'prometheus',
  version: '3.15.0',
  module: 'github.com/prometheus/prometheus v0.315.0',
} as const;

/** Every engine, in the order in which they are built: what is needed most often first. */
export const ENGINES = {
  promtool: { ...PROMETHEUS, package: 'github.com/prometheus/prometheus/cmd/promtool' },
  prometheus: { ...PROMETHEUS, package: 'github.com/prometheus/prometheus/cmd/prometheus' },
  amtool: {
    folder: 'amtool',
    version: '0.34.2',
    module: 'github.com/prometheus/alertmanager v0.34.2',
    package: 'github.com/prometheus/alertmanager/cmd/amtool',
  },
  // The last whose module holds its page: newer ones embed files that are not in it.
  alertmanager: {
    folder: 'alertmanager',
    version: '0.31.1',
    module: 'github.com/prometheus/alertmanager v0.31.1',
    package: 'github.com/prometheus/alertmanager/cmd/alertmanager',
  },
  otelcol: {
    folder: 'collector',
    version: '0.155.0',
    module: 'go.opentelemetry.io/collector/otelcol v0.155.0',
    package: '.',
  },
} as const satisfies Readonly<Record<string, Recipe>>;

export type EngineName = keyof typeof ENGINES;

/** The engines' names. */
export const ENGINE_NAMES = Object.keys(ENGINES) as readonly EngineName[];

/** Where engines are kept, outside the checkout: `CALLSPAN_ENGINES_DIR`, else a folder of the user's cache. */
export function enginesFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env.CALLSPAN_ENGINES_DIR || join(homedir(), '.cache', 'callspan-engines');
}

/** The binary of an engine, whether it has been built or not. */
export function enginePath(name: EngineName): string {
  return join(enginesFolder(), `${name}-${ENGINES[name].version}`, name);
}

/** The folder that holds the module list of an engine, or of the Collector's builder. */
export function moduleFolder(name: string): string {
  return fileURLToPath(new URL(`../go/${name}`, import.meta.url));
}
