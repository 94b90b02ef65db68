import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startSink } from './bots.ts';

/** What is left of frames, in a process that does nothing else. */
export type FrameFigures = {
  /** Heap in use after a collection, in a call that goes on. */
  readonly bytesKeptPerFrame: number;
  /** What a call keeps of a turn of its own, until the call ends. */
  readonly bytesKeptPerTurn: number;
  /** By frames over whole calls that have ended. */
  readonly bytesKeptPerFrameOverCalls: number;
  readonly frames: number;
};

/** Runs `frames-process.ts` under the preload. */
export async function measureFrames(): Promise<FrameFigures> {
  const sink = await startSink();
  const folder = mkdtempSync(join(tmpdir(), 'callspan-frames-'));
  const args = ['--conditions=source', '--expose-gc', '--require', './otel/preload.cjs', 'bench/kit/frames-process.ts'];
  const inherited = Object.entries(process.env).filter(([key]) => !/^(OTEL_|CALLSPAN_|NODE_OPTIONS)/.test(key));
  const own = { OTEL_SERVICE_NAME: 'frames', OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, CALLSPAN_DATA_DIR: folder };
  try {
    const env = { ...Object.fromEntries(inherited), NODE_ENV: 'production', ...own };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as FrameFigures;
  } finally {
    await sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
