import { join } from 'node:path';
import type { Disk } from './disk.ts';
import type { Batch, Signal } from './protocol.ts';
import { createSegment, type Segment } from './segment.ts';

/** The files of one signal, oldest first; the last may be the one that is being written. */
export type Lane = {
  readonly signal: Signal;
  /** What is on its way to the receiver is read into it: buffers that come and go stay resident for long in a small heap. */
  readonly window: Buffer;
  segments(): readonly Segment[];
  /** Writes to the last file, or to a new one. @param folder asked for a new one only @throws what the system says */
  append(batch: Batch, folder: () => string): void;
  /** Takes a file of a dead process among the others. */
  adopt(segment: Segment): void;
  isWriting(segment: Segment): boolean;
  /** The next batch goes to a new file. */
  roll(): void;
  forget(segment: Segment): void;
};

/** One request carries about so much, so that a backlog leaves in few of them. */
export const READ_BYTES = 256 * 1024;
/** Names sort by creation time, then by process, then by number. */
const TIME_DIGITS = 15;

/**
 * @param owner part of every file's name, unlike any other process's
 * @param segmentBytes a file of that size gets no more
 */
export function createLane(signal: Signal, owner: string, segmentBytes: number, disk: Disk): Lane {
  let segments: Segment[] = [];
  let writing: Segment | undefined;
  let made = 0;
  const roll = () => {
    writing?.close();
    writing = undefined;
  };
  const create = (folder: string) => {
    made += 1;
    const name = `${String(Date.now()).padStart(TIME_DIGITS, '0')}-${owner}-${String(made).padStart(6, '0')}.${signal}`;
    const segment = createSegment(join(folder, name), signal, disk);
    segments.push(segment);
    return segment;
  };
  return {
    signal,
    // A page of it is resident when something has been read into it.
    window: Buffer.allocUnsafeSlow(READ_BYTES),
    segments: () => segments,
    append(batch, folder) {
      if (writing && writing.bytes() >= segmentBytes) roll();
      writing ??= create(folder());
      writing.append(batch);
    },
    adopt(segment) {
      const settled = segments.filter((each) => each !== writing);
      settled.push(segment);
      settled.sort((one, other) => (one.name < other.name ? -1 : 1));
      segments = writing ? [...settled, writing] : settled;
    },
    isWriting: (segment) => segment === writing,
    roll,
    forget(segment) {
      if (segment === writing) writing = undefined;
      segments = segments.filter((each) => each !== segment);
    },
  };
}

/** Wall clock of a file's making, milliseconds; 0 when its name does not tell. */
export function createdAtMs(name: string): number {
  return Number.parseInt(name, 10) || 0;
}
