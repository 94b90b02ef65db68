import type { Clock } from '../../line/clock.ts';

/** Something that must happen in time. */
export type Watch = { restart(): void; cancel(): void };

/** @param late runs when `limitMs` of the clock have passed since the last `restart` */
export function createWatch(clock: Clock, limitMs: number, late: () => void): Watch {
  let cancel: (() => void) | undefined;
  return {
    restart() {
      cancel?.();
      cancel = clock.after(limitMs, late, { unref: true });
    },
    cancel: () => cancel?.(),
  };
}
