import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ENTRIES } from './entries.ts';

const find = createRequire(import.meta.url);
/** A path of the kit in a declaration: `from './call.ts'`, `import("./call.ts")`. */
const OWN_PATH = /((?:from |import\()(['"]))(\.{1,2}\/[^'"]+)\.ts\2/g;

/**
 * Writes the declarations that are reached from an entry as `.d.cts` beside what was built.
 * @throws Error with the words of the compiler when the sources have type errors
 */
export function writeDeclarations(root: string, lib: string): void {
  const made = mkdtempSync(join(tmpdir(), 'callspan-types-'));
  try {
    compile(join(root, 'tsconfig.types.json'), made);
    const written = new Set<string>();
    const write = (source: string) => {
      if (written.has(source)) return;
      written.add(source);
      const text = readFileSync(join(made, `${source}.d.ts`), 'utf8');
      const target = join(lib, `${source}.d.cts`);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text.replaceAll(OWN_PATH, '$1$3.cjs$2'));
      for (const [, , , path] of text.matchAll(OWN_PATH)) write(join(dirname(source), path ?? ''));
    };
    for (const { source } of ENTRIES) write(source);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

function compile(project: string, outDir: string): void {
  // TypeScript 7 is a binary: its package has no API to call.
  const tsc = join(dirname(find.resolve('typescript/package.json')), 'bin', 'tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', project, '--outDir', outDir], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the declarations could not be made\n${stdout}${stderr}`);
}
