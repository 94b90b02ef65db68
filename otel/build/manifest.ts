import { readFileSync } from 'node:fs';
import { ENTRIES, PRELOADS, VENDORED } from './entries.ts';

/** The parts of the kit's own `package.json` that what is published is made of. */
type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: Readonly<Record<string, string>>;
  readonly keywords: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  /** What only one feature needs: whoever uses the feature installs it. */
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: true }>>;
};

/**
 * The `package.json` of what is published: without the `source` condition (its files are not in the package, and Node
 * strips no types below `node_modules`), without the vendored packages, with nothing that runs at installation.
 * @param file the kit's own package.json
 */
export function generateManifest(file: string): object {
  const own = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const { name, version, description, license, engines, keywords } = own;
  const { peerDependencies, peerDependenciesMeta, optionalDependencies } = own;
  return {
    name,
    version,
    description,
    keywords,
    license,
    engines,
    type: 'module',
    // Starting telemetry is what preloads are for; everything else may be left out when it is not used.
    sideEffects: PRELOADS.map((preload) => `./${preload}.cjs`),
    exports: generateExports(),
    dependencies: Object.fromEntries(
      Object.entries(own.dependencies).filter(([dependency]) => !VENDORED.includes(dependency)),
    ),
    peerDependencies: { ...peerDependencies, ...optionalDependencies },
    peerDependenciesMeta: { ...peerDependenciesMeta, ...allOptional(optionalDependencies) },
  };
}

function allOptional(dependencies: Readonly<Record<string, string>>): Record<string, { optional: true }> {
  return Object.fromEntries(Object.keys(dependencies).map((name) => [name, { optional: true }]));
}

function generateExports(): object {
  const entries = ENTRIES.map(({ name, source }) => [
    name,
    {
      import: { types: `./lib/${source}.d.mts`, default: `./lib/${source}.mjs` },
      require: { types: `./lib/${source}.d.cts`, default: `./lib/${source}.cjs` },
    },
  ]);
  const preloads = PRELOADS.map((name) => [`./${name}`, { types: `./${name}.d.cts`, default: `./${name}.cjs` }]);
  return {
    ...Object.fromEntries([...entries, ...preloads]),
    './prices.json': './prices.json',
    './package.json': './package.json',
  };
}
