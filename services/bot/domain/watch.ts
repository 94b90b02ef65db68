import type { Clock } from '../../line/clock.ts';

/** Something that must happen in time. */
export type Watch = { restart(): void; cancel(): void };

/**
 * A process that got no time for a while finds its limits passed before it reads what came in that while: that is read first.
 * @param late runs when `limitMs` of the clock have passed since the last `restart`
 */
export function createWatch(clock: Clock, limitMs: number, late: () => void): Watch {
  let cancel: (() => void) | undefined;
  return {
    restart() {
      cancel?.();
      cancel = clock.after(limitMs, late, { unref: true, afterReading: true });
    },
    cancel: () => cancel?.(),
  };
}
