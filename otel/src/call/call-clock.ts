import type { TimeInput } from '@opentelemetry/api';

/**
 * The one monotonic clock of a call: durations come from it, the wall clock is read once and only places spans.
 * Monotonic times are milliseconds as `performance.now()` gives them.
 */
export type CallClock = {
  /** Monotonic milliseconds now. */
  now(): number;
  /** The wall time (epoch milliseconds) of a monotonic instant; the clock never jumps within a call. */
  wallTimeOf(monotonicMs: number): TimeInput & number;
};

/** Reads of the two clocks; parameters so that tests decide. */
export type ClockSources = { readonly monotonicMs: () => number; readonly wallMs: () => number };

const REAL: ClockSources = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

/** A clock anchored now. */
export function createCallClock(sources: ClockSources = REAL): CallClock {
  const monotonicAnchor = sources.monotonicMs();
  const wallAnchor = sources.wallMs();
  return {
    now: sources.monotonicMs,
    wallTimeOf: (monotonicMs) => wallAnchor + (monotonicMs - monotonicAnchor),
  };
}
