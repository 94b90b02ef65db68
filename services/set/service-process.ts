import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LEAN_ENV, LEAN_FLAGS } from './lean-memory.ts';
import type { ServiceName } from './options.ts';
import { withoutForeignSecrets } from './service-secrets.ts';

/** Services whose spans belong to the calls; the others stand for the outside world or watch. */
const TRACED: readonly ServiceName[] = ['bot', 'records'];
const READY_WITHIN_MS = 30_000;
const KEPT_LINES = 25;
const KEPT_LOG_LINES = 3;

/** A service in a process of its own. */
export type ServiceProcess = {
  readonly name: ServiceName;
  readonly pid: number | undefined;
  /** Resolves when it says that it serves. @throws Error with its last lines when it ends before, or takes too long */
  readonly ready: Promise<void>;
  /** Resolves when it has ended; `expected` when it was told to. */
  readonly ended: Promise<{ readonly expected: boolean; readonly lastLines: readonly string[]; readonly how: string }>;
  /** Asks it to end, and ends it after `graceMs`. */
  stop(graceMs: number): Promise<void>;
};

/** Starts a service; what it writes past its log goes to `<LOG_DIR>/<name>/output.log`. */
export function startServiceProcess(
  name: ServiceName,
  plan: { readonly env: NodeJS.ProcessEnv; readonly dataDir: string },
): ServiceProcess {
  const traced = TRACED.includes(name);
  const args = [
    '--conditions=source',
    ...LEAN_FLAGS,
    ...(traced ? ['--require', './otel/preload.cjs'] : []),
    `services/${name}/main.ts`,
  ];
  const child = spawn(process.execPath, args, {
    env: {
      ...LEAN_ENV,
      ...withoutForeignSecrets(plan.env, name),
      ...consoleLook(plan.env),
      OTEL_SERVICE_NAME: name,
      ...(traced ? {} : { OTEL_SDK_DISABLED: 'true' }),
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A group of its own: Ctrl-C reaches the set alone, which then stops the services in the right order.
    detached: true,
  });
  const lines = keepLines(child, join(plan.env.LOG_DIR ?? join(plan.dataDir, 'logs'), name));
  if (plan.env.LOG_CONSOLE === 'on') child.stdout?.on('data', (chunk: Buffer) => process.stdout.write(chunk));
  let expected = false;
  const ended = new Promise<Awaited<ServiceProcess['ended']>>((resolve) => {
    child.once('close', (code, signal) =>
      resolve({ expected, lastLines: lines(), how: signal ?? `exit code ${code}` }),
    );
  });
  return {
    name,
    pid: child.pid,
    ready: waitUntilReady(child, name, ended),
    ended,
    async stop(graceMs) {
      expected = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function waitUntilReady(child: ChildProcess, name: string, ended: ServiceProcess['ended']): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new Error(`${name} was not ready within ${READY_WITHIN_MS / 1000} s`)),
    READY_WITHIN_MS,
  );
  child.on('message', (message: { type?: string }) => {
    if (message?.type === 'ready') resolve();
  });
  void ended.then(({ how, lastLines }) => reject(new Error([`${name} ended (${how})`, ...lastLines].join('\n  '))));
  return promise.finally(() => clearTimeout(timer));
}

/** The lines of the services in the terminal of the set (`LOG_CONSOLE=on`) look as they would in one of their own. */
function consoleLook({ LOG_FORMAT, FORCE_COLOR, NO_COLOR }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (!process.stdout.isTTY) return {};
  return {
    LOG_FORMAT: LOG_FORMAT || 'pretty',
    ...(process.stdout.hasColors() && !NO_COLOR && !FORCE_COLOR ? { FORCE_COLOR: '1' } : {}),
  };
}

/** The last lines of a service for the moment it dies: what it wrote to stderr, else to stdout, else its log. */
function keepLines(child: ChildProcess, folder: string): () => readonly string[] {
  mkdirSync(folder, { recursive: true });
  const output = join(folder, 'output.log');
  if (existsSync(output)) renameSync(output, join(folder, 'output.1.log'));
  const file = createWriteStream(output);
  const keep = (stream: NodeJS.ReadableStream | null, most: number): string[] => {
    const kept: string[] = [];
    if (!stream) return kept;
    createInterface({ input: stream }).on('line', (line) => {
      file.write(`${line}\n`);
      kept.push(line);
      if (kept.length > most) kept.shift();
    });
    return kept;
  };
  const printed = keep(child.stdout, KEPT_LOG_LINES);
  const errors = keep(child.stderr, KEPT_LINES);
  child.once('close', () => file.end());
  return () => [errors, printed].find((lines) => lines.length > 0) ?? lastLogLines(folder);
}

function lastLogLines(folder: string): readonly string[] {
  try {
    return readFileSync(join(folder, 'combined.log'), 'utf8').trimEnd().split('\n').slice(-KEPT_LOG_LINES);
  } catch {
    return [];
  }
}
