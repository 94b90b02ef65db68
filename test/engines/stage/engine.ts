import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type EngineName, enginePath } from '../build/engines.ts';

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 15_000;

/** What an engine writes when all of it listens; the Collector shows its own metrics before it takes any telemetry. */
const READY_LINES: Partial<Record<EngineName, string>> = { otelcol: 'Everything is ready' };

/** An engine that answers. */
export type RunningEngine = {
  /** Everything it wrote so far. */
  output(): string;
  /** Ends the process, by its id. */
  stop(): Promise<void>;
  /** Ends it at once, with SIGKILL. */
  kill(): Promise<void>;
};

/** How an engine is started, and the address that answers 2xx when it is ready. */
export type EngineStart = {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly readyUrl: string;
};

/** Starts an engine and waits until it is ready. @throws Error with what it wrote when it ends before */
export async function startEngine(name: EngineName, { args, env = {}, readyUrl }: EngineStart): Promise<RunningEngine> {
  if (!existsSync(enginePath(name))) throw new Error(`there is no ${enginePath(name)}: npm run test:engines builds it`);
  const child = spawn(enginePath(name), args, {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const stop = () => stopChild(child);
  try {
    await eventually(`${name} is ready`, READY_WITHIN_MS, async () => {
      if (child.exitCode !== null) throw new EndedError(`${name} ended with ${child.exitCode}`);
      const response = await fetch(readyUrl).catch(() => undefined);
      await response?.arrayBuffer();
      return response?.ok === true && said.includes(READY_LINES[name] ?? '');
    });
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}:\n${said}`);
  }
  return { output: () => said, stop, kill: () => stopChild(child, 'SIGKILL') };
}

class EndedError extends Error {}

async function stopChild(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill(signal);
  const hard = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(hard);
}

/** Asks again and again until `isTrue`, for at most `withinMs`. @returns how long it took, ms */
export async function eventually(what: string, withinMs: number, isTrue: () => Promise<boolean> | boolean) {
  const startedAt = performance.now();
  for (;;) {
    if (await isTrue()) return performance.now() - startedAt;
    if (performance.now() - startedAt > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
