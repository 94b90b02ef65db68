/**
 * Upper bounds in milliseconds of the histogram of span durations: the list of the telemetry contract (section 4), with every
 * default threshold among them, so that "share above a limit" is exact.
 */
export const DURATION_BOUNDS_MS: readonly number[] = [
  50, 100, 150, 200, 250, 300, 350, 375, 400, 500, 600, 700, 750, 800, 900, 1000, 1100, 1115, 1200, 1400, 1500, 1600,
  1800, 2000, 2500, 3000, 4000, 5000, 7500, 8000, 10_000, 15_000, 30_000,
];

/** Index of the bucket of a duration in milliseconds: bounds are inclusive, as `le` is; the last bucket has no bound. */
export function findBucket(durationMs: number): number {
  let low = 0;
  let high = DURATION_BOUNDS_MS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (durationMs <= (DURATION_BOUNDS_MS[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}
