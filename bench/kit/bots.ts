import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { LEAN_ENV, LEAN_FLAGS } from '../../services/set/lean-memory.ts';

const READY_WITHIN_MS = 60_000;

/**
 * `on`: preload, tap, stages, spool, metrics every 15 s, logs. `off`: the same code, the SDK loaded and turned off.
 * `none`: no kit and no SDK.
 */
export type Mode = 'on' | 'off' | 'none';
export const MODES: readonly Mode[] = ['on', 'off', 'none'];

const FLAGS: Readonly<Record<Mode, readonly string[]>> = {
  on: ['--require', './otel/preload.cjs'],
  off: ['--require', './otel/preload.cjs'],
  none: ['--import', './bench/kit/without-kit.mjs'],
};

/** What a process used in one round. */
export type Usage = {
  readonly cpuMs: number;
  /** Of the main thread, collections that nobody asked for. */
  readonly gcMs: number;
  readonly eventLoopDelayP99Ms: number;
  /** After a collection. */
  readonly rssMb: number;
  readonly heapMb: number;
};

/** A service in a process of its own. */
export type Service = {
  readonly url: string;
  readonly child: ChildProcess;
  /** The end of what it wrote to stderr. */
  lastWords(): string;
  stop(): Promise<void>;
};

type Start = {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

/** Starts a service as `npm start` does. @throws Error with its last words when it does not come up */
export async function startService({ name, flags = [], env }: Start): Promise<Service> {
  const inherited = Object.entries(process.env).filter(([key]) => !/^(OTEL_|CALLSPAN_|OPENAI_|NODE_OPTIONS)/.test(key));
  const child = spawn(process.execPath, ['--conditions=source', ...LEAN_FLAGS, ...flags, `services/${name}/main.ts`], {
    env: { ...LEAN_ENV, ...Object.fromEntries(inherited), NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    words = (words + chunk).slice(-4000);
  });
  const url = await new Promise<string>((resolve, reject) => {
    const tooLate = () => reject(new Error(`${name} did not come up: ${words}`));
    const timer = setTimeout(tooLate, READY_WITHIN_MS);
    child.once('exit', tooLate);
    child.on('message', (message: { type?: string; url?: string }) => {
      if (message.type !== 'ready') return;
      clearTimeout(timer);
      child.off('exit', tooLate);
      resolve(message.url ?? '');
    });
  });
  return {
    url,
    child,
    lastWords: () => words,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** A bot in one of the modes, which can be asked what a round cost it. */
export async function startBot(mode: Mode, env: Readonly<Record<string, string>>, profileDir?: string) {
  const profile = profileDir ? ['--cpu-prof', '--cpu-prof-dir', join(profileDir, mode)] : [];
  const flags = [...profile, '--require', './bench/kit/agent.cjs', ...FLAGS[mode]];
  const off = mode === 'on' ? {} : { OTEL_SDK_DISABLED: 'true' };
  const loaded = mode === 'off' ? { BENCH_LOAD_SDK: 'true' } : {};
  const service = await startService({ name: 'bot', flags, env: { ...env, ...off, ...loaded } });
  type Answer = {
    type: string;
    cpu: NodeJS.CpuUsage;
    gcMs: number;
    eventLoopDelayP99Ms: number;
    rss: number;
    heapUsed: number;
  };
  const ask = async (question: string, type: string): Promise<Answer> => {
    service.child.send(question);
    for (;;) {
      const [answer] = (await once(service.child, 'message')) as [Answer];
      if (answer.type === type) return answer;
    }
  };
  return {
    mode,
    url: service.url,
    stop: service.stop,
    lastWords: service.lastWords,
    /** What the process used while `work` ran. */
    async measure(work: () => Promise<void>): Promise<Usage> {
      const before = (await ask('begin', 'begun')).cpu;
      await work();
      const { cpu, gcMs, eventLoopDelayP99Ms, rss, heapUsed } = await ask('end', 'ended');
      const cpuMs = (cpu.user - before.user + (cpu.system - before.system)) / 1000;
      return { cpuMs, gcMs, eventLoopDelayP99Ms, rssMb: rss / 2 ** 20, heapMb: heapUsed / 2 ** 20 };
    },
  };
}
export type Bot = Awaited<ReturnType<typeof startBot>>;

/** Takes telemetry and throws it away. */
export async function startSink() {
  let bytes = 0;
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    taken: () => ({ requests, bytes }),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
