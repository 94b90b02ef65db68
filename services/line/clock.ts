/** Milliseconds on a monotonic clock that may run faster than the wall: all waits of simulated line, stand-in and bot go through one of these. */
export type Clock = {
  /** Virtual milliseconds per wall millisecond. */
  readonly speed: number;
  /** Virtual monotonic milliseconds, origin arbitrary. */
  now(): number;
  /** Runs `run` after `delayMs` virtual milliseconds; the result cancels it. */
  after(delayMs: number, run: () => void, options?: TimerOptions): () => void;
  /** Resolves after `delayMs` virtual milliseconds; rejects with the signal's reason when it is aborted first. */
  delay(delayMs: number, signal?: AbortSignal): Promise<void>;
};

/** How a timer of a clock behaves. */
export type TimerOptions = {
  /** Never keeps the process alive on its own. */
  readonly unref?: boolean;
  /** Runs after what has come by then was read: whoever waits for it may cancel. */
  readonly afterReading?: boolean;
};

/** The real clock, `speed` times faster. @throws RangeError when `speed` is not a finite number of at least 0.1. */
export function createClock(speed = 1): Clock {
  if (!Number.isFinite(speed) || speed < 0.1) throw new RangeError(`speed must be a number >= 0.1, not ${speed}`);
  const after: Clock['after'] = (delayMs, run, options) => {
    let turn: NodeJS.Immediate | undefined;
    // After a pause of the process timers are run before sockets are looked at.
    const onTime = () => {
      turn = setImmediate(run);
    };
    const timer = setTimeout(options?.afterReading ? onTime : run, Math.max(0, delayMs) / speed);
    if (options?.unref) timer.unref();
    return () => {
      clearTimeout(timer);
      clearImmediate(turn);
    };
  };
  return {
    speed,
    now: () => performance.now() * speed,
    after,
    delay(delayMs, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = after(delayMs, () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
        signal?.addEventListener('abort', onAbort, { once: true });
        return undefined;
      });
    },
  };
}
