import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type LockEntry = { readonly version?: string; readonly resolved?: string };

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>>;
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, LockEntry> };

/** The packages that the product is built around. */
const CORE_PACKAGES = [
  '@opentelemetry/auto-instrumentations-node',
  '@opentelemetry/exporter-prometheus',
  '@opentelemetry/sdk-node',
  '@opentelemetry/exporter-trace-otlp-http',
  'express',
  'ws',
  'openai',
  'twilio',
  'jest',
];

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|tsx|cjs|mjs)$/.test(file) && !file.includes('node_modules') && !file.includes('dist'))
    .map((file) => join(folder, file));
}

test('exactly one copy of each OpenTelemetry SDK package is installed', () => {
  const copies = new Map<string, number>();
  for (const path of Object.keys(lock.packages)) {
    const name = path.split('node_modules/').at(-1) ?? '';
    if (
      /^@opentelemetry\/(api|core|resources|sdk-[a-z-]+|instrumentation|instrumentation-http|otlp-transformer)$/.test(
        name,
      )
    ) {
      copies.set(name, (copies.get(name) ?? 0) + 1);
    }
  }
  expect([...copies].filter(([, count]) => count > 1)).toEqual([]);
  expect(copies.size).toBeGreaterThan(8);
});

test('every dependency is pinned to one version', () => {
  const ranges = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(manifest[kind] ?? {}).filter(
      ([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    ),
  );
  expect(ranges).toEqual([]);
});

test('the lock file names no host', () => {
  expect(Object.values(lock.packages).filter((entry) => entry.resolved?.startsWith('http'))).toEqual([]);
});

test('each core package is a direct dependency, and these sources import it', () => {
  const direct = { ...manifest.dependencies, ...manifest.devDependencies };
  const sources = ['otel', 'services', 'scripts'].flatMap(sourcesIn);
  const importers = (name: string) =>
    sources.filter((file) => new RegExp(`['"(]${name}(/[^'"]*)?['")]`).test(readFileSync(file, 'utf8')));
  expect(CORE_PACKAGES.filter((name) => !(name in direct))).toEqual([]);
  const used = Object.fromEntries(CORE_PACKAGES.map((name) => [name, importers(name)]));
  expect(CORE_PACKAGES.filter((name) => used[name]?.length === 0)).toEqual([]);
  expect(used).toMatchObject({
    '@opentelemetry/sdk-node': ['otel/src/sdk/start.ts'],
    '@opentelemetry/exporter-trace-otlp-http': ['otel/src/spool/destinations.ts', 'otel/src/spool/stock-exporters.ts'],
    jest: ['scripts/run-jest.mjs'],
  });
});
