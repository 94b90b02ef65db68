import { spawnSync } from 'node:child_process';
import { type EngineName, enginePath } from '../build/engines.ts';

/** How a command of an engine ended, and what it wrote. */
export type ToolRun = { readonly code: number | null; readonly output: string };

/** Runs a command of an engine to its end, in the project's folder. */
export function runTool(name: EngineName, ...args: readonly string[]): ToolRun {
  return runToolWith({}, name, ...args);
}

/** The same with variables of its environment. */
export function runToolWith(env: Readonly<Record<string, string>>, name: EngineName, ...args: readonly string[]) {
  const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
  const { status, stdout, stderr, error } = spawnSync(enginePath(name), args, options);
  if (error) throw new Error(`${name} could not be run: npm run test:engines builds it (${error.message})`);
  return { code: status, output: stdout + stderr };
}
