/** What a counter does for some steps: it grows by so much a step, is not there, or starts again from 0 and grows. */
export type Phase = {
  readonly steps: number;
  /** How much it grows in each step; undefined: no sample. */
  readonly by?: number;
  readonly restarts?: boolean;
};

/** Values of a counter in promtool's notation. The first sample of the first phase that has one is 0. */
export function counterValues(phases: readonly Phase[]): string {
  let value = 0;
  let isBorn = false;
  const parts = phases
    .filter(({ steps }) => steps > 0)
    .map(({ steps, by, restarts = false }) => {
      if (by === undefined) return `_x${steps}`;
      if (restarts) value = 0;
      const first = isBorn ? value + by : 0;
      isBorn = true;
      value = first + by * (steps - 1);
      return `${first}+${by}x${steps - 1}`;
    });
  return parts.join(' ');
}
