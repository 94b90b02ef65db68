import type { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './worker/protocol.ts';

/** A thread that ends more often than this within a minute is not started again. */
const MAX_DEATHS = 3;
const ONE_MINUTE_MS = 60_000;

/** A thread that is started again when it ends. */
export type SupervisedWorker = {
  post(message: ToWorker): void;
  /** Whether the event loop waits for the thread. */
  hold(isHeld: boolean): void;
  isGivenUp(): boolean;
  giveUp(why: string): void;
};

/** How the thread is made, and who is told what. */
export type Supervision = {
  /** May throw: then there is no thread. */
  readonly start: (isResumed: boolean) => Worker;
  readonly onMessage: (message: FromWorker) => void;
  /** Every thread, when it has been started: what it must be told first. */
  readonly onStart: (isResumed: boolean) => void;
  readonly onRestart: (why: string) => void;
  /** Once: there will be no thread any more. */
  readonly onGiveUp: (why: string) => void;
};

/** Starts the thread; the event loop does not wait for it. Call `begin` on the result when it can be told things. */
export function superviseWorker({ start, onMessage, onStart, onRestart, onGiveUp }: Supervision): SupervisedWorker & {
  begin(): void;
} {
  let worker: Worker | undefined;
  let deaths: number[] = [];
  const giveUp = (why: string) => {
    worker = undefined;
    onGiveUp(why);
  };
  const restart = (why: string) => {
    const now = performance.now();
    deaths = [...deaths.filter((at) => now - at < ONE_MINUTE_MS), now];
    if (deaths.length > MAX_DEATHS) {
      giveUp(why);
      return;
    }
    onRestart(why);
    run(true);
  };
  const run = (isResumed: boolean) => {
    let started: Worker;
    try {
      started = start(isResumed);
    } catch (error) {
      // A process may be forbidden threads (node --permission): it must run all the same.
      giveUp(String(error));
      return;
    }
    worker = started;
    let why = 'the thread has ended';
    started.on('message', onMessage);
    started.on('error', (error) => {
      why = String(error);
    });
    started.on('exit', () => {
      if (worker === started) restart(why);
    });
    // Last: a listener for messages takes it back.
    started.unref();
    onStart(isResumed);
  };
  return {
    begin: () => run(false),
    post: (message) => worker?.postMessage(message),
    hold: (isHeld) => (isHeld ? worker?.ref() : worker?.unref()),
    isGivenUp: () => worker === undefined,
    giveUp,
  };
}
