import type { Clock } from '../../line/clock.ts';
import { TICK_MS } from './playout.ts';

/** How late the sender was against its own grid, in milliseconds of the line's clock. */
export type Lateness = { readonly p50: number; readonly p99: number };

/** A running beat; `close` stops it. */
export type Ticker = { latenessMs(): Lateness; close(): void };

// On a fast line a short stall of the machine would be seconds of audio at once: there the line stands still instead.
const FAST_LINE_BURST_TICKS = 3;

/**
 * Calls `onTick` every 20 ms of the clock. Tick `n` is due at start + n * 20: being late once does not move the later ones, and a tick that
 * was missed is made up for at once, as a real line delivers a burst after a stall. A line faster than the wall makes up for three ticks and
 * moves its grid by the rest: its figures of waits count for nothing, its dialogue does.
 */
export function startTicker(clock: Clock, onTick: () => void): Ticker {
  let startMs = clock.now();
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
    const last = clock.speed > 1 ? tick + FAST_LINE_BURST_TICKS : Number.POSITIVE_INFINITY;
    while (tick < last && !isClosed && clock.now() >= startMs + (tick + 1) * TICK_MS) {
      tick += 1;
      lateness.push(clock.now() - (startMs + tick * TICK_MS));
      onTick();
    }
    if (isClosed) return;
    const behindMs = clock.now() - (startMs + tick * TICK_MS);
    if (tick >= last && behindMs > TICK_MS) startMs += behindMs - TICK_MS;
    schedule();
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
