/** When the network holds everything. Milliseconds of the line's clock since the stream began. */
export type StallSchedule = {
  /** The moment at which what is due at `atMs` gets through: `atMs` itself, or the end of the stall it falls into. */
  releaseAt(atMs: number): number;
};

/** Stalls of `holdMs`, the next one `everyMs` (half to one and a half of it, at least `holdMs`) after the last began. */
export function createStallSchedule(holdMs: number, everyMs: number, random: () => number): StallSchedule {
  const starts: number[] = [];
  const planUntil = (atMs: number) => {
    for (let last = starts.at(-1) ?? 0; last <= atMs; last = starts.at(-1) ?? 0)
      starts.push(last + Math.max(everyMs * (0.5 + random()), holdMs + 1));
  };
  return {
    releaseAt(atMs) {
      planUntil(atMs);
      const start = starts.findLast((one) => one <= atMs);
      return start !== undefined && atMs < start + holdMs ? start + holdMs : atMs;
    },
  };
}
