import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** A folder with what `npm run generate` and `npm run thresholds` read and write, and nothing else. */
export type ProjectCopy = {
  read(path: string): string;
  write(path: string, text: string): void;
  /** Every file below `folder`, with its content. */
  snapshot(folders: readonly string[]): ReadonlyMap<string, string>;
  /** Runs a script of the copy to its end. */
  run(script: string, args?: readonly string[], env?: Readonly<Record<string, string>>): RunResult;
  remove(): void;
};

export type RunResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Copies what is small; packages and the kit are linked. */
export function copyProject(): ProjectCopy {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-project-'));
  const docs = ['docs/signals.md', 'docs/production.md'];
  for (const path of ['thresholds', 'scripts', 'collector', 'dashboards', ...docs, 'package.json']) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(PROJECT, path), join(folder, path), { recursive: true });
  }
  for (const path of ['node_modules', 'otel']) symlinkSync(join(PROJECT, path), join(folder, path));
  return {
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    write: (path, text) => writeFileSync(join(folder, path), text),
    snapshot: (folders) =>
      new Map(
        folders.flatMap((name) =>
          readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name))
            .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')] as const),
        ),
      ),
    run(script, args = [], env = {}) {
      const plain = Object.entries(process.env).filter(([name]) => !/^(NODE_OPTIONS$|CALLSPAN_)/.test(name));
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=source', script, ...args], {
        cwd: folder,
        env: { ...Object.fromEntries(plain), ...env },
        encoding: 'utf8',
        timeout: 60_000,
      });
      return { code: status, stdout, stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
