import type { Clock } from '../../../line/clock.ts';

/** One direction of a socket: what goes in comes out in order, each thing not before its time and not before what is ahead of it. */
export type OrderedQueue = {
  /** Runs `run` at once when it is due and nothing is ahead, else when its time has come. `dueMs` is of the clock. */
  push(dueMs: number, run: () => void): void;
  /** Resolves when nothing waits any more. */
  whenEmpty(): Promise<void>;
  /** Drops what waits and what comes after. */
  close(): void;
};

export function createOrderedQueue(clock: Clock): OrderedQueue {
  let waiting: { dueMs: number; run: () => void }[] = [];
  let onEmpty: (() => void)[] = [];
  let isClosed = false;
  let cancel: (() => void) | undefined;

  const settle = () => {
    if (waiting.length > 0) return;
    for (const resolve of onEmpty) resolve();
    onEmpty = [];
  };
  const release = () => {
    cancel = undefined;
    for (let head = waiting[0]; head && head.dueMs <= clock.now(); head = waiting[0]) {
      waiting.shift();
      head.run();
    }
    const [next] = waiting;
    if (next) cancel = clock.after(next.dueMs - clock.now(), release);
    else settle();
  };
  return {
    push(dueMs, run) {
      if (isClosed) return;
      if (waiting.length === 0 && dueMs <= clock.now()) return run();
      waiting.push({ dueMs, run });
      cancel ??= clock.after(dueMs - clock.now(), release);
      return undefined;
    },
    whenEmpty: () =>
      new Promise((resolve) => {
        onEmpty.push(resolve);
        settle();
      }),
    close() {
      isClosed = true;
      waiting = [];
      cancel?.();
      settle();
    },
  };
}
