import type { Batch, Signal } from './worker/protocol.ts';

/** A batch that has been handed over, and may not be on disk yet. */
export type Unstored = {
  readonly signal: Signal;
  readonly batch: Batch;
  /** Lets it go another way: the thread will not store it. */
  readonly putBack: () => void;
};

/** What has been handed over, until the thread has dealt with it. */
export type UnstoredQueue = {
  add(unstored: Unstored): void;
  /** Those that the thread has not dealt with. */
  list(): readonly Unstored[];
  /** Empties it. */
  take(): readonly Unstored[];
  bytes(): number;
  /** How many will have been dealt with when all of them have. */
  last(): number;
};

/** @param countHandled how many batches the thread has dealt with since the beginning, in the order of `add` */
export function createUnstoredQueue(countHandled: () => number): UnstoredQueue {
  let waiting: Unstored[] = [];
  let before = 0;
  let bytes = 0;
  const forget = () => {
    const done = countHandled() - before;
    if (done <= 0) return;
    for (const { batch } of waiting.slice(0, done)) bytes -= batch.body.length;
    waiting = waiting.slice(done);
    before += done;
  };
  return {
    add(unstored) {
      waiting.push(unstored);
      bytes += unstored.batch.body.length;
    },
    list() {
      forget();
      return waiting;
    },
    take() {
      forget();
      const taken = waiting;
      waiting = [];
      bytes = 0;
      return taken;
    },
    bytes() {
      forget();
      return bytes;
    },
    last: () => before + waiting.length,
  };
}
