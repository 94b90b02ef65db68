import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ENTRIES, PRELOADS } from './entries.ts';
import { renameNamedFiles } from './sources.ts';

/**
 * Writes, for each entry, the ES module that gives on what the CommonJS file exports: whoever `import`s and whoever
 * `require`s get the same functions and the same state.
 */
export function writeModuleWrappers(lib: string, exportsOf: ReadonlyMap<string, readonly string[]>): void {
  for (const { source } of ENTRIES) {
    const from = `./${basename(source)}.cjs`;
    const lines = (exportsOf.get(source) ?? []).map((name) => `export const ${name} = kit.${name};`);
    writeFileSync(join(lib, `${source}.mjs`), [`import kit from '${from}';`, '', ...lines, ''].join('\n'));
    writeFileSync(join(lib, `${source}.d.mts`), `export * from '${from}';\n`);
  }
}

/** Writes the files for `--require` with the paths of what was built. */
export function writePreloads(root: string, target: string): void {
  for (const name of PRELOADS) {
    const source = readFileSync(join(root, `${name}.cjs`), 'utf8');
    writeFileSync(join(target, `${name}.cjs`), renameNamedFiles(source).replaceAll("'./src/", "'./lib/"));
    writeFileSync(join(target, `${name}.d.cts`), 'export {};\n');
  }
}
