import { dirname, join, relative } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { ENTRIES, PRELOADS, VENDORED, vendorPathOf, WORKERS } from './entries.ts';
import { findNamedFiles, renameNamedFiles } from './sources.ts';

/** Everything that is no path is a dependency of the package, and is loaded from there. */
const isPackage = (id: string) => /^[^./]/.test(id) && !id.startsWith('\0');
/** What the vendored packages share with nobody else. */
const INLINED = [...VENDORED, '@opentelemetry/sql-common', '@opentelemetry/semantic-conventions'];

/**
 * Builds every source that is reached from an entry to a CommonJS file of its own at the same place below `lib`: so each
 * module exists once, whoever loads it, and paths relative to it stay right.
 * @returns what each file exports, by its name below `lib` without extension
 */
export async function bundleSources(src: string, lib: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const preloads = PRELOADS.map((name) => join(src, '..', `${name}.cjs`));
  const sources = new Set([...ENTRIES.map(({ source }) => source), ...findNamedFiles(src, preloads)]);
  const build = await rolldown({
    input: Object.fromEntries([...sources].map((source) => [source, join(src, `${source}.ts`)])),
    platform: 'node',
    external: isPackage,
    plugins: [namedFiles(src)],
  });
  const { output } = await build.write({
    dir: lib,
    format: 'cjs',
    exports: 'named',
    preserveModules: true,
    preserveModulesRoot: src,
    entryFileNames: '[name].cjs',
    strict: true,
  });
  const chunks = output.filter((file) => file.type === 'chunk');
  return new Map(chunks.map(({ name, exports }) => [name, exports.toSorted()]));
}

/** Builds each thread to one file: it is loaded while a call may be going on. */
export async function bundleWorkers(src: string, lib: string): Promise<void> {
  for (const { source, target } of WORKERS) {
    const build = await rolldown({
      input: { [target]: join(src, `${source}.ts`) },
      platform: 'node',
      external: isPackage,
    });
    await build.write({ dir: lib, format: 'cjs', exports: 'named', entryFileNames: '[name].cjs', strict: true });
  }
}

/** Builds each vendored package to one file; the OpenTelemetry API and SDK stay what the process has. */
export async function bundleVendored(lib: string): Promise<void> {
  for (const name of VENDORED) {
    const build = await rolldown({
      input: { [vendorPathOf(name)]: name },
      platform: 'node',
      cwd: import.meta.dirname,
      external: (id) => isPackage(id) && !INLINED.some((inlined) => id === inlined || id.startsWith(`${inlined}/`)),
    });
    await build.write({ dir: lib, format: 'cjs', exports: 'named', entryFileNames: '[name].cjs', strict: true });
  }
}

/** Strings that name files of the kit or vendored packages, as they must read in what is built. */
function namedFiles(src: string): Plugin {
  return {
    name: 'named-files',
    transform(code, id) {
      if (!id.endsWith('.ts')) return null;
      const up = relative(dirname(id), src) || '.';
      const vendored = VENDORED.reduce(
        (text, name) =>
          text.replaceAll(new RegExp(`load\\(\\s*'${name}'`, 'g'), `load('${up}/${vendorPathOf(name)}.cjs'`),
        renameNamedFiles(code),
      );
      return { code: vendored };
    },
  };
}
