import { BUCKETS } from 'callspan/conventions';

/** More bounds than this make a histogram dear for every label that it has. */
export const MOST_BOUNDS = 60;

/** Bounds that the kit's histograms of durations have, whatever the file says; milliseconds, ascending. */
export const KIT_BOUNDS_MS: readonly number[] = BUCKETS.duration.map((seconds) => Math.round(seconds * 1000));

/** The bounds at both sides of a value that is none. */
export function neighbours(bounds: readonly number[], value: number): readonly number[] {
  return [bounds.findLast((bound) => bound < value), bounds.find((bound) => bound > value)].filter(
    (bound) => bound !== undefined,
  );
}
