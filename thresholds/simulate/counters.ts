import { quote } from '../generate/rules/promql.ts';

/** A sample comes every so often, as the Collector and the processes send them. */
export const STEP_MS = 15_000;
/** Samples of a day. */
export const DAY_STEPS = 86_400_000 / STEP_MS;
export const COLLECTOR = 'collector';

/** What is measured, and the process that keeps it: a service's name, or the Collector's. */
export type Series = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly keeper: string;
};

/** A series as promtool takes it. */
export type InputSeries = { readonly series: string; readonly values: string };

/** When a process was not there, milliseconds of the day. What it counted is gone with it. */
export type Gap = { readonly keeper: string; readonly fromMs: number; readonly toMs: number };

/** Rises by `by` (1 where nothing is said) at an instant of the day; by 0, it is there. */
export type Counter = (atMs: number, by?: number) => void;

/** What is measured in a day, sample by sample, and the series that come of it. */
export type Counters = {
  /** A counter that the caller keeps: finding it is what takes time. */
  counter(series: Series): Counter;
  /** A value that is what it is at each instant of the day, and not there where it is undefined. */
  gauge(series: Series, valueAt: (atMs: number) => number | undefined): void;
  /** @param gaps when processes were away */
  list(gaps: readonly Gap[]): readonly InputSeries[];
};

/** An empty day. */
export function createCounters(): Counters {
  const rises = new Map<string, { readonly series: Series; readonly at: Float64Array; readonly seen: Uint8Array }>();
  const gauges = new Map<string, { readonly series: Series; readonly valueAt: (atMs: number) => number | undefined }>();
  return {
    counter(series) {
      const key = nameOf(series);
      const found = rises.get(key) ?? { series, at: new Float64Array(DAY_STEPS), seen: new Uint8Array(DAY_STEPS) };
      rises.set(key, found);
      return (atMs, by = 1) => {
        // Seen by the next sample, and after midnight by nobody.
        const step = Math.ceil(atMs / STEP_MS);
        if (step >= DAY_STEPS) return;
        found.at[step] = (found.at[step] ?? 0) + by;
        found.seen[step] = 1;
      };
    },
    gauge(series, valueAt) {
      gauges.set(nameOf(series), { series, valueAt });
    },
    list(gaps) {
      const isAway = ({ keeper }: Series, step: number) =>
        gaps.some((gap) => gap.keeper === keeper && step * STEP_MS >= gap.fromMs && step * STEP_MS < gap.toMs);
      const counted = [...rises].map(([name, { series, at, seen }]) => ({
        series: name,
        values: writeValues(accumulate({ at, seen }, series.keeper === COLLECTOR, (step) => isAway(series, step))),
      }));
      const told = [...gauges].map(([name, { series, valueAt }]) => {
        const values = Array.from({ length: DAY_STEPS }, (_, step) =>
          isAway(series, step) ? undefined : valueAt(step * STEP_MS),
        );
        return { series: name, values: writeValues(values) };
      });
      return [...counted, ...told];
    },
  };
}

function nameOf({ name, labels }: Series): string {
  const inside = Object.entries(labels).map(([label, value]) => `${label}=${quote(value)}`);
  return `${name}{${inside.join(',')}}`;
}

/** A series begins with its first event, anew after each gap; of the Collector's a 0 comes before it. */
function accumulate(
  { at, seen }: { readonly at: Float64Array; readonly seen: Uint8Array },
  hasFirstZero: boolean,
  isAway: (step: number) => boolean,
): readonly (number | undefined)[] {
  let sum: number | undefined;
  return Array.from(at, (by, step) => {
    if (isAway(step)) {
      sum = undefined;
      return undefined;
    }
    if (seen[step] === 1) sum = (sum ?? 0) + by;
    else if (hasFirstZero && sum === undefined && seen[step + 1] === 1) sum = 0;
    return sum;
  });
}

/** Promtool's notation, runs written once: `_x3 0 1+0x20`. */
function writeValues(values: readonly (number | undefined)[]): string {
  const parts: string[] = [];
  for (let at = 0; at < values.length; ) {
    const value = values[at];
    let run = 1;
    while (at + run < values.length && values[at + run] === value) run += 1;
    if (value === undefined) parts.push(`_x${run}`);
    else parts.push(run === 1 ? String(value) : `${value}+0x${run - 1}`);
    at += run;
  }
  return parts.join(' ');
}
