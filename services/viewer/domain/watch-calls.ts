import type { Clock } from '../../line/clock.ts';
import type { Changes, TelemetryStore } from './ports.ts';

/** A call of which nothing came for this long, and whose end nobody saw, is lost. */
export const LOST_AFTER_MS = 30_000;
/** When the store did not answer, it is asked again after this long. */
const RETRY_MS = 1000;

/** What watching needs: `now` is epoch milliseconds, as the store stamps arrivals. */
export type WatchOptions = {
  readonly store: Pick<TelemetryStore, 'markLost' | 'findQuietest'>;
  readonly clock: Clock;
  readonly now: () => number;
  readonly onChanges: (changes: Pick<Changes, 'calls'>) => void;
  readonly onError: (error: unknown) => void;
};

/** Marks calls as lost when their time has come. @returns `look`, to be called when calls have changed, and `close` */
export function watchCalls({ store, clock, now, onChanges, onError }: WatchOptions): { look(): void; close(): void } {
  let cancel: (() => void) | undefined;
  const run = () => {
    cancel = undefined;
    try {
      const calls = store.markLost(now() - LOST_AFTER_MS + 1);
      if (calls.length > 0) onChanges({ calls });
    } catch (error) {
      retry(error);
    }
    look();
  };
  const retry = (error: unknown) => {
    onError(error);
    cancel ??= clock.after(RETRY_MS, run, { unref: true });
  };
  const look = () => {
    if (cancel) return;
    try {
      const quietestMs = store.findQuietest();
      if (quietestMs === undefined) return;
      cancel = clock.after(Math.max(0, quietestMs + LOST_AFTER_MS - now()), run, { unref: true });
    } catch (error) {
      retry(error);
    }
  };
  run();
  return { look, close: () => cancel?.() };
}
