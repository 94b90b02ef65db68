import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small application under the preload, see test/fixtures/apps/metrics-app.ts. */
export type MetricsApp = {
  readonly url: string;
  /** What it wrote to stderr so far. */
  errors(): string;
  /** Delivers what it has, and ends. */
  stop(): Promise<void>;
};

const running = new Set<ChildProcess>();
// What one test could not deliver is nothing to the next.
const folder = mkdtempSync(join(tmpdir(), 'callspan-metrics-app-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
// A test that fails half-way leaves its application behind.
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts the application; rejects with what it wrote to stderr when it does not start. */
export async function startMetricsApp(more: Readonly<Record<string, string>>): Promise<MetricsApp> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL_|CALLSPAN_|NODE_OPTIONS)/.test(name));
  const child = fork('test/fixtures/apps/metrics-app.ts', {
    env: { ...Object.fromEntries(inherited), OTEL_SERVICE_NAME: 'fixture', CALLSPAN_DATA_DIR: folder, ...more },
    execArgv: ['--conditions=source', '--require', './otel/preload.cjs'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = once(child, 'close');
  const started = once(child, 'message') as Promise<[{ readonly url: string }]>;
  const first = await Promise.race([started, ended.then(() => undefined)]);
  if (!first) throw new Error(errors);
  return {
    url: first[0].url,
    errors: () => errors,
    async stop() {
      if (child.connected) child.send('stop');
      await ended;
    },
  };
}
