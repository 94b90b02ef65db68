import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findRecords } from '../../otel/src/spool/worker/records.ts';
import { SEGMENT_HEADER_BYTES } from '../../otel/src/spool/worker/segment.ts';
import { spanIdsOf } from './fault-sink.ts';

/** A process that makes spans under the preload. */
export type TrafficProcess = {
  readonly pid: number;
  /** Everything that it said on stderr. */
  errors(): string;
  /** Sends a line and waits until it is done. */
  tell(line: string): Promise<void>;
  /** Kills with -9. @returns the moment, wall clock milliseconds */
  kill(): Promise<number>;
  /** Waits for its end. */
  ended(): Promise<number | null>;
};

/** A folder for one service, its spool and the list of what its processes made. */
export type TrafficStage = {
  readonly folder: string;
  readonly spool: string;
  start(endpoint: string, env?: NodeJS.ProcessEnv, wrap?: readonly string[]): Promise<TrafficProcess>;
  /** Every span that a process said to have ended, with the moment. */
  made(): { readonly spanId: string; readonly endedAtMs: number }[];
  /** Span ids that are on disk and not delivered, in whole records. */
  stored(): string[];
  /** Files of the spool, without the owners' marks: paths below it. */
  files(): string[];
  /** Kills what is left and removes the folder. */
  close(): void;
};

export function createTrafficStage(): TrafficStage {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-spool-'));
  const spool = join(folder, 'traffic', 'spool');
  const list = join(folder, 'made.txt');
  const children: ChildProcess[] = [];
  const files = () =>
    (existsSync(spool) ? readdirSync(spool, { recursive: true, encoding: 'utf8' }) : []).filter(
      (name) => !name.endsWith('owner.json') && statSync(join(spool, name)).isFile(),
    );
  return {
    folder,
    spool,
    async start(endpoint, env = {}, wrap = []) {
      const node = [process.execPath, '--conditions=source', '--require', './otel/preload.cjs'];
      const [command = '', ...args] = [...wrap, ...node, 'test/fixtures/apps/spool-traffic.ts', list];
      const child = spawn(command, args, {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {
          PATH: process.env.PATH,
          OTEL_SERVICE_NAME: 'traffic',
          OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
          OTEL_METRICS_EXPORTER: 'none',
          CALLSPAN_DATA_DIR: folder,
          ...env,
        },
      });
      children.push(child);
      return watch(child);
    },
    made: () =>
      (existsSync(list) ? readFileSync(list, 'utf8') : '')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => ({ spanId: line.split(' ')[0] ?? '', endedAtMs: Number(line.split(' ')[1]) })),
    stored: () => files().flatMap((name) => (name.endsWith('.traces') ? spanIdsIn(join(spool, name)) : [])),
    files,
    close() {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function spanIdsIn(file: string): string[] {
  const { records } = findRecords(readFileSync(file).subarray(SEGMENT_HEADER_BYTES), true);
  return records.flatMap(({ body }) => spanIdsOf(Buffer.from(body).toString()));
}

async function watch(child: ChildProcess): Promise<TrafficProcess> {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error('the process has no pipes');
  let errors = '';
  stderr.on('data', (text) => {
    errors += text;
  });
  const lines = createInterface({ input: stdout });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const said = async (wanted: string) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = (line: string) => {
      if (line === wanted) resolve();
    };
    lines.on('line', look);
    await Promise.race([promise, exited]);
    lines.off('line', look);
    if (child.exitCode !== null && wanted === 'ready') throw new Error(`the process ended at its start: ${errors}`);
  };
  await said('ready');
  return {
    pid: child.pid ?? 0,
    errors: () => errors,
    async tell(line) {
      const done = said(line);
      stdin.write(`${line}\n`);
      await done;
    },
    async kill() {
      child.kill('SIGKILL');
      const atMs = Date.now();
      await exited;
      return atMs;
    },
    ended: () => exited,
  };
}
