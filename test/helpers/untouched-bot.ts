import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A bot in a process of its own, and what stands before it on Node's command line. */
export type UntouchedRun = {
  readonly file: string;
  /** What it is told on its command line. */
  readonly args?: readonly string[];
  /** Default true: under the register. */
  readonly isWatched?: boolean;
  /** Loaded before everything else. */
  readonly before?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** How a process ended. */
export type ProcessEnd = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

const running = new Set<ChildProcess>();

/** Ends what a failed test has left behind. */
export function killUntouched(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Starts a bot that says `listening on URL`, or a program that ends by itself. */
export function spawnUntouched({ file, args = [], isWatched = true, before, env = {} }: UntouchedRun) {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-untouched-'));
  const watching = isWatched ? ['--conditions=source', '--require', './otel/register.cjs'] : [];
  const child = spawn(process.execPath, [...(before ? ['--require', before] : []), ...watching, file, ...args], {
    env: { PATH: process.env.PATH ?? '', CALLSPAN_DATA_DIR: folder, OPENAI_API_KEY: 'any', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (text: Buffer) => {
      output[name] += text;
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      rmSync(folder, { recursive: true, force: true });
      resolve({ code, signal });
    });
  });
  /** Resolves with what `pattern` finds in the output, as soon as it does. */
  const said = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
        if (!found) return;
        waiting.delete(look);
        resolve(found[1] ?? found[0]);
      };
      waiting.add(look);
      look();
      void ended.then(() => reject(new Error(`${file} ended without ${pattern}: ${output.stdout}${output.stderr}`)));
    });
  return { child, output, said, ended, url: () => said(/listening on (http:\/\/\S+)/) };
}

/** Asks a bot to end, as a supervisor does. */
export function stopUntouched({ child, ended }: ReturnType<typeof spawnUntouched>): Promise<ProcessEnd> {
  child.kill('SIGTERM');
  return ended;
}
