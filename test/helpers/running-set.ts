import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from './free-ports.ts';

const PORT_VARIABLES = [
  'BOT_PORT',
  'BOT_METRICS_PORT',
  'RECORDS_PORT',
  'STANDIN_PORT',
  'TWILIO_SIM_PORT',
  'VIEWER_PORT',
  'VIEWER_OTLP_PORT',
] as const;
type PortVariable = (typeof PORT_VARIABLES)[number];

/** `npm start` as a person starts it: own process, own ports, own data folder. */
export type RunningSet = {
  readonly env: Readonly<Record<string, string>>;
  readonly process: ChildProcess;
  address(port: PortVariable): string;
  /** Everything written to stdout and stderr so far. */
  output(): string;
  /** Resolves when the output holds `text`; rejects when the process ends before. */
  said(text: string): Promise<void>;
  /** Sends the signal of Ctrl-C and resolves with the exit code and the milliseconds it took. */
  interrupt(): Promise<{ readonly code: number | null; readonly tookMs: number }>;
  /** Ends whatever is left and removes the data folder. */
  cleanUp(): Promise<void>;
};

/** Starts the set with `args`, without waiting for it. */
export async function startSet(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<RunningSet> {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-set-'));
  const found = await findFreePorts(PORT_VARIABLES.length);
  const ports = Object.fromEntries(PORT_VARIABLES.map((name, index) => [name, String(found[index])]));
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(OTEL_|CALLSPAN_|OPENAI_|PUBLIC_BASE_URL|NODE_OPTIONS)/.test(name),
  );
  const env = {
    ...Object.fromEntries(inherited),
    ...ports,
    CALLSPAN_DATA_DIR: folder,
    LANG: 'fr_FR.UTF-8',
    ...more,
  } as Record<string, string>;
  const child = spawn(process.execPath, ['--conditions=source', 'services/start.ts', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      for (const check of waiting) check();
    });
  }
  const ended = once(child, 'close');
  return {
    env,
    process: child,
    address: (port) => `http://127.0.0.1:${ports[port]}`,
    output: () => output,
    said: (text) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!output.includes(text)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
        void ended.then(() => reject(new Error(`the set ended before it said "${text}":\n${output}`)));
      }),
    async interrupt() {
      const startedAt = performance.now();
      child.kill('SIGINT');
      const [code] = (await ended) as [number | null];
      return { code, tookMs: performance.now() - startedAt };
    },
    async cleanUp() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The processes whose parent is `pid` (Linux). */
export async function childrenOf(pid: number): Promise<number[]> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

/** True while a process lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
