import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** A string that names a file of the kit where no bundler looks: `load('./x.ts')`, `new URL('./worker.ts', ...)`. */
const NAMED_FILE = /\b(?:load|require|require\.resolve|URL)\(\s*(['"])(\.{1,2}\/[^'"]+)\.ts\1/g;

/**
 * The sources that are named in strings (workers, files loaded when they are needed, what a preload starts): they are
 * entries of their own.
 * @param others files outside `root` that name sources too
 * @returns paths below `root`, without extension
 */
export function findNamedFiles(root: string, others: readonly string[]): string[] {
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const files = [...sources, ...others.map((file) => relative(root, file))];
  const found = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(NAMED_FILE)].map((match) =>
      relative(root, join(root, dirname(file), match[2] ?? '')),
    ),
  );
  return [...new Set(found)].sort();
}

/** The same strings as they must read in what is built. */
export function renameNamedFiles(code: string): string {
  return code.replaceAll(NAMED_FILE, (whole) => whole.replace(/\.ts(['"])$/, '.cjs$1'));
}
