import type { Clock } from '../../line/clock.ts';
import { TICK_MS } from './playout.ts';

/** How late the sender was against its own grid, in milliseconds of the line's clock. */
export type Lateness = { readonly p50: number; readonly p99: number };

/** A running beat; `close` stops it. */
export type Ticker = { latenessMs(): Lateness; close(): void };

/**
 * Calls `onTick` every 20 ms of the clock. Tick `n` is due at start + n * 20: being late once does not move the later ones, and a tick that
 * was missed is made up for at once, as a real line delivers a burst after a stall.
 */
export function startTicker(clock: Clock, onTick: () => void): Ticker {
  const startMs = clock.now();
  const lateness: number[] = [];
  let tick = 0;
  let isClosed = false;
  let cancel = () => undefined as undefined;

  const schedule = () => {
    const stop = clock.after(startMs + (tick + 1) * TICK_MS - clock.now(), run);
    cancel = () => {
      stop();
      return undefined;
    };
  };
  const run = () => {
    while (!isClosed && clock.now() >= startMs + (tick + 1) * TICK_MS) {
      tick += 1;
      lateness.push(clock.now() - (startMs + tick * TICK_MS));
      onTick();
    }
    if (!isClosed) schedule();
  };
  schedule();

  return {
    latenessMs() {
      const sorted = lateness.toSorted((one, other) => one - other);
      return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
    },
    close() {
      isClosed = true;
      cancel();
    },
  };
}

function percentile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return Math.round(value * 100) / 100;
}
