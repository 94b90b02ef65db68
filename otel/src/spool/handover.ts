import { randomBytes } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import type { SpoolConfig } from './config.ts';
import { superviseWorker } from './supervised-worker.ts';
import { createUnstoredQueue } from './unstored.ts';
import { type Counters, createCounters } from './worker/counters.ts';
import { createLosses, type Losses } from './worker/losses.ts';
import type { Batch, Destinations, FromWorker, Signal, SpoolSettings } from './worker/protocol.ts';

/** What is on its way to the thread may take so much memory; more only comes when the disk hangs. */
const MAX_UNSTORED_BYTES = 32 * 1024 * 1024;

/** The way from the SDK to the thread that stores and sends. */
export type Handover = {
  readonly counters: Counters;
  /** Of what does not come as far as the thread: it counts its own. */
  readonly losses: Losses;
  /**
   * Hands a batch over at once.
   * @param putBack called when it cannot be stored after all, because the thread is gone for good
   * @returns false when there is no room for it: then it is counted as lost
   */
  push(signal: Signal, batch: Batch, putBack: () => void): boolean;
  /** Everything handed over is on disk, and delivered as far as the time allows. Never rejects. */
  drain(signal: Signal, deadlineMs: number): Promise<void>;
  /** Blocks until everything handed over is on disk: for the last moment of a process. */
  settle(timeoutMs: number): void;
  /** There is no thread, and there will be none. */
  isGivenUp(): boolean;
};

/** What the hand-over needs from around it. */
export type HandoverOptions = {
  readonly config: SpoolConfig;
  readonly userAgent: string;
  readonly destinations: Promise<Destinations>;
  readonly startWorker: (settings: SpoolSettings) => Worker;
  /** For a person; at most once a minute for each kind of problem. */
  readonly warn: (text: string) => void;
};

/** Starts the thread, and starts it again when it ends; the event loop does not wait for it. */
export function startHandover({ config, userAgent, destinations, startWorker, warn }: HandoverOptions): Handover {
  const counters = createCounters();
  const losses = createLosses(counters);
  const member = `p${process.pid}-${randomBytes(4).toString('hex')}`;
  const unstored = createUnstoredQueue(() => counters.get('handled'));
  const drains = createDrains((isWaiting) => worker.hold(isWaiting));
  const { folder: root, maxBytes, maxAgeMs } = config;
  const settings = { root, member, maxBytes, maxAgeMs, counters: counters.buffer, userAgent };
  const worker = superviseWorker({
    start: (isResumed) => startWorker({ ...settings, isResumed }),
    onStart(isResumed) {
      if (isResumed) for (const { signal, batch } of unstored.list()) worker.post({ type: 'batch', signal, batch });
      destinations.then(
        (each) => worker.post({ type: 'destinations', destinations: each }),
        (error) => worker.giveUp(String(error)),
      );
    },
    onRestart(why) {
      warn(`its thread is started again: ${why}`);
      drains.endAll();
    },
    onGiveUp(why) {
      warn(`it is given up, exports go straight to the receiver: ${why}`);
      for (const { putBack } of unstored.take()) putBack();
      drains.endAll();
    },
    onMessage(message: FromWorker) {
      if (message.type === 'problem') warn(message.text);
      else if (message.type === 'unusable') worker.giveUp(message.text);
      else drains.end(message.id);
    },
  });
  // For when there is no thread to tell of it.
  destinations.catch(() => undefined);
  worker.begin();
  return {
    counters,
    losses,
    isGivenUp: worker.isGivenUp,
    push(signal, batch, putBack) {
      if (worker.isGivenUp() || unstored.bytes() + batch.body.length > MAX_UNSTORED_BYTES) {
        losses.add('not_stored', batch.traceIds);
        return false;
      }
      unstored.add({ signal, batch, putBack });
      worker.post({ type: 'batch', signal, batch });
      return true;
    },
    drain(signal, deadlineMs) {
      if (worker.isGivenUp()) return Promise.resolve();
      const { id, done } = drains.begin();
      worker.post({ type: 'drain', id, signal, deadlineMs });
      return done;
    },
    settle(timeoutMs) {
      if (!worker.isGivenUp()) counters.waitFor('handled', unstored.last(), timeoutMs);
    },
  };
}

/** The answers that somebody waits for. @param onChange told when the first is waited for, and when none is any more */
function createDrains(onChange: (isWaiting: boolean) => void) {
  const waiting = new Map<number, () => void>();
  let last = 0;
  const end = (id: number) => {
    waiting.get(id)?.();
    waiting.delete(id);
    if (waiting.size === 0) onChange(false);
  };
  return {
    begin() {
      last += 1;
      const { promise: done, resolve } = Promise.withResolvers<void>();
      waiting.set(last, resolve);
      onChange(true);
      return { id: last, done };
    },
    end,
    endAll() {
      for (const id of [...waiting.keys()]) end(id);
    },
  };
}
