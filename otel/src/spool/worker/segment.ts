import { closeSync, fstatSync, openSync, readSync, renameSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { Disk } from './disk.ts';
import type { Batch, Signal } from './protocol.ts';
import { encodeRecord, type FoundRecord, findRecords, RECORD_HEADER_BYTES } from './records.ts';

const MAGIC = Buffer.from('CALLSPN1');
/** Magic, then how far the file has been delivered and the complement of that, 8 bytes each, then 8 that are kept free. */
export const SEGMENT_HEADER_BYTES = 32;
/** What was written longer ago the operating system has brought to the disk by itself. */
const WRITTEN_BACK_MS = 60_000;

/** Records that stand one after the other. */
export type Stretch = {
  readonly records: readonly FoundRecord[];
  /** Position behind them. */
  readonly end: number;
};

/** An append-only file of records of one signal, delivered from the front. */
export type Segment = {
  readonly file: string;
  /** Sorts by age: creation time first. */
  readonly name: string;
  readonly signal: Signal;
  /** Size of the file. */
  bytes(): number;
  /** Items from the delivered position on. */
  pending(): number;
  /** Wall clock of the newest record, milliseconds. */
  lastWriteMs(): number;
  isDamaged(): boolean;
  /** Every record of it has been settled. */
  isDelivered(): boolean;
  /** @throws what the system says; the file is as it was then */
  append(batch: Batch): void;
  /**
   * The next records, at least one if there is any, at most about `maxBytes`.
   * @param window read into it where they fit: they are good until it is used again
   */
  read(maxBytes: number, maxRecords?: number, window?: Buffer): Stretch | undefined;
  /** Everything up to there has been dealt with; remembered in the file. @throws what the system says when it is not */
  advance(stretch: Stretch): void;
  /** Waits until the disk has what was appended since the last time; nothing new costs nothing. @throws what the system says */
  sync(): void;
  /** Nothing more is appended for now: the file is open no longer than it is read then. Never throws. */
  close(): void;
  remove(): void;
};

/** What reads and writes of one file share. */
type State = {
  /** Of the file that is being written: thousands may wait, and a process may open so many only. */
  fd: number | undefined;
  isSynced: boolean;
  size: number;
  position: number;
  pending: number;
  damages: number;
  lastWriteMs: number;
};

/** Makes a new file. @throws when it cannot be made */
export function createSegment(file: string, signal: Signal, disk: Disk): Segment {
  const fd = openSync(file, 'wx+', 0o600);
  try {
    disk.write(fd, [segmentHeader()], 0);
  } catch (error) {
    closeSync(fd);
    unlinkSync(file);
    throw error;
  }
  const state = {
    fd,
    isSynced: true,
    size: SEGMENT_HEADER_BYTES,
    position: SEGMENT_HEADER_BYTES,
    pending: 0,
    damages: 0,
    lastWriteMs: Date.now(),
  };
  return segmentOf(file, signal, state, disk);
}

/**
 * Opens a file of a process that ended, counts what it holds and moves it.
 * @param file where to; unset: it stays
 * @throws when it cannot be read or moved: it is where it was then
 */
export function openSegment(from: string, signal: Signal, disk: Disk, file = from): Segment {
  const fd = disk.open(from);
  let state: State;
  try {
    state = stateOf(fd);
  } finally {
    closeSync(fd);
  }
  // Last: what fails behind it would leave a file that nobody looks for where it is then.
  if (file !== from) renameSync(from, file);
  return segmentOf(file, signal, state, disk);
}

function stateOf(fd: number): State {
  const { size, mtimeMs } = fstatSync(fd);
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  readSync(fd, header, 0, SEGMENT_HEADER_BYTES, 0);
  const position = Math.min(positionIn(header), Math.max(size, SEGMENT_HEADER_BYTES));
  const rest = Buffer.allocUnsafe(Math.max(0, size - position));
  const { records, damages } = findRecords(rest.subarray(0, readSync(fd, rest, 0, rest.length, position)), true);
  const pending = records.reduce((sum, { items }) => sum + items, 0);
  const isSynced = Date.now() - mtimeMs > WRITTEN_BACK_MS;
  return { fd: undefined, isSynced, size, position, pending, damages, lastWriteMs: mtimeMs };
}

function segmentOf(file: string, signal: Signal, state: State, disk: Disk): Segment {
  const open = () => {
    state.fd ??= disk.open(file);
    return state.fd;
  };
  const close = () => {
    const { fd } = state;
    state.fd = undefined;
    try {
      if (fd !== undefined) closeSync(fd);
    } catch {
      // The number is free again all the same, and what was written stands or falls with the next sync.
    }
  };
  const use = <Result>(work: (fd: number) => Result): Result => {
    const isOpen = state.fd !== undefined;
    try {
      return work(open());
    } finally {
      if (!isOpen) close();
    }
  };
  return {
    file,
    name: basename(file),
    signal,
    bytes: () => state.size,
    pending: () => state.pending,
    lastWriteMs: () => state.lastWriteMs,
    isDamaged: () => state.damages > 0,
    isDelivered: () => state.damages === 0 && state.position >= state.size,
    append(batch) {
      const parts = encodeRecord(batch);
      state.isSynced = false;
      disk.write(open(), parts, state.size);
      state.size += parts[0].length + parts[1].length;
      state.pending += batch.items;
      state.lastWriteMs = Date.now();
    },
    read: (maxBytes, maxRecords, window) => use((fd) => readStretch(fd, state, { maxBytes, maxRecords, window })),
    advance({ records, end }) {
      state.position = end;
      state.pending -= records.reduce((sum, { items }) => sum + items, 0);
      use((fd) => disk.overwrite(fd, segmentHeader(end)));
    },
    sync() {
      if (state.isSynced) return;
      use((fd) => {
        // Also when it fails: what could not be written then is not tried again by the system.
        state.isSynced = true;
        disk.sync(fd);
      });
    },
    close,
    remove() {
      close();
      unlinkSync(file);
    },
  };
}

type Wanted = {
  readonly maxBytes: number;
  readonly maxRecords: number | undefined;
  readonly window: Buffer | undefined;
};

function readStretch(fd: number, state: State, wanted: Wanted): Stretch | undefined {
  for (let maxBytes = wanted.maxBytes; state.position < state.size; maxBytes *= 4) {
    const left = state.size - state.position;
    const length = Math.min(left, Math.max(maxBytes, RECORD_HEADER_BYTES));
    const window = wanted.window && length <= wanted.window.length ? wanted.window : Buffer.allocUnsafe(length);
    const got = window.subarray(0, readSync(fd, window, 0, length, state.position));
    const isEnd = length === left || got.length < length;
    const { records, usedBytes, damages } = findRecords(got, isEnd, wanted.maxRecords);
    state.damages += damages;
    const end = state.position + usedBytes;
    if (records.length > 0) return { records, end };
    if (!isEnd && usedBytes === 0) continue;
    state.position = end;
    if (isEnd) break;
  }
  return undefined;
}

/** The beginning of a file that is delivered up to a position. */
export function segmentHeader(position = SEGMENT_HEADER_BYTES): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(header);
  header.writeBigUInt64LE(BigInt(position), 8);
  header.writeBigUInt64LE(~BigInt(position) & 0xffff_ffff_ffff_ffffn, 16);
  return header;
}

/** A header that does not agree with itself tells nothing: better twice than never. */
function positionIn(header: Buffer): number {
  const position = header.readBigUInt64LE(8);
  const isSound =
    MAGIC.compare(header, 0, MAGIC.length) === 0 && header.readBigUInt64LE(16) === (~position & 0xffff_ffff_ffff_ffffn);
  return isSound ? Number(position) : SEGMENT_HEADER_BYTES;
}
