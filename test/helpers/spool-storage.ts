import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Counters, createCounters } from '../../otel/src/spool/worker/counters.ts';
import { createDisk, type Disk } from '../../otel/src/spool/worker/disk.ts';
import type { Batch, SpoolSettings } from '../../otel/src/spool/worker/protocol.ts';
import { openStorage, type Storage } from '../../otel/src/spool/worker/storage.ts';

const MEGABYTE = 1024 * 1024;

/** A spool's folder, and what its processes count and say. */
export type SpoolStage = {
  readonly root: string;
  /** Of the process that is looked at; a test that looks at the next one gives it new ones. */
  counters: Counters;
  /** Kinds of what a person would have been told. */
  readonly problems: string[];
  /** The storage of a process; `p1-test` unless the settings name another member. */
  open(settings?: Partial<SpoolSettings>, disk?: Disk): Storage;
  figures(): { stored: number; delivered: number; pending: number; dead: number };
  /** Makes a member's folder somebody else's. */
  rewriteOwner(member: string, changed: object): void;
  /** Without the owner's mark. */
  filesOf(folder: string): string[];
  close(): void;
};

export function createSpoolStage(): SpoolStage {
  const root = mkdtempSync(join(tmpdir(), 'callspan-spool-unit-'));
  const stage: SpoolStage = {
    root,
    counters: createCounters(),
    problems: [],
    open: (settings = {}, disk = createDisk()) =>
      openStorage(
        {
          root,
          member: 'p1-test',
          maxBytes: 16 * MEGABYTE,
          maxAgeMs: 3_600_000,
          counters: stage.counters.buffer,
          isResumed: false,
          userAgent: 'test',
          ...settings,
        },
        stage.counters,
        (kind) => stage.problems.push(kind),
        disk,
      ),
    figures: () => ({
      stored: stage.counters.get('traces.stored'),
      delivered: stage.counters.get('traces.delivered'),
      pending: stage.counters.get('traces.pending'),
      dead: stage.counters.get('traces.dead'),
    }),
    rewriteOwner(member, changed) {
      const file = join(root, member, 'owner.json');
      const own = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...own, ...changed }));
    },
    filesOf: (folder) => readdirSync(join(root, folder)).filter((name) => name !== 'owner.json'),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
  return stage;
}

/** One span of a trace with that number. */
export function numberedBatch(number: number, bytes = 100): Batch {
  return {
    items: 1,
    protobuf: false,
    traceIds: [String(number).padStart(32, '0')],
    body: Buffer.from(`${number}`.padEnd(bytes, '.')),
  };
}

/** What a system call throws. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: no`), { code });
}

/** Takes everything out, in order. @returns the numbers */
export function deliverAll(storage: Storage): number[] {
  const numbers: number[] = [];
  for (let parcel = storage.next('traces'); parcel; parcel = storage.next('traces')) {
    numbers.push(...parcel.records.map(({ body }) => Number.parseInt(Buffer.from(body).toString(), 10)));
    storage.settleDelivered(parcel, 0);
  }
  return numbers;
}
