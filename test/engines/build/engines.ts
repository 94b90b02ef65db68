import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How an engine is made: a folder of `test/engines/go` with its module list, and the Go package in it. */
export type Recipe = {
  readonly folder: string;
  readonly package: string;
  /** As people know it. */
  readonly version: string;
  /** The line of the folder's go.mod that says so: module, then version. */
  readonly module: string;
  /** Go build tags, where parts are left out that no test needs. */
  readonly tags?: string;
};

const PROMETHEUS = {
  folder: 'prometheus',
  // Of the ways to find targets, files and names are enough; the others bring the libraries of every cloud.
  tags: 'remove_all_sd,enable_dns_sd',
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
  // Its module list repeats the replacements of Loki's own.
  loki: {
    folder: 'loki',
    version: '3.7.8',
    module: 'github.com/grafana/loki/v3 v3.7.8',
    package: 'github.com/grafana/loki/v3/cmd/loki',
  },
  'docker-compose': {
    folder: 'docker-compose',
    version: '2.40.3',
    module: 'github.com/docker/compose/v2 v2.40.3',
    package: 'github.com/docker/compose/v2/cmd',
  },
  // The last that builds with Go 1.26.
  kustomize: {
    folder: 'kustomize',
    version: '5.8.2',
    module: 'sigs.k8s.io/kustomize/kustomize/v5 v5.8.2',
    package: 'sigs.k8s.io/kustomize/kustomize/v5',
  },
  // Our own: decodes Kubernetes manifests strictly.
  manifests: {
    folder: 'manifests',
    version: '0.37.0',
    module: 'k8s.io/api v0.37.0',
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
