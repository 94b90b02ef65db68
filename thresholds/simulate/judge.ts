import type { Expected } from './expected.ts';
import type { Firing } from './promtool.ts';

const MINUTE_MS = 60_000;
/** It fires always, to show that alarms work. */
const SIGN_OF_LIFE = 'Watchdog';

/** Minutes of the day without a break in which an alarm fired; from <= minute <= to. */
export type Episode = {
  readonly labels: Readonly<Record<string, string>>;
  readonly fromMinute: number;
  readonly toMinute: number;
  /** False where nothing of that day calls for it. */
  readonly isExpected: boolean;
};

/** What came of a day. */
export type Judgement = {
  readonly episodes: readonly Episode[];
  /** Expected alarms that never fired. */
  readonly missed: readonly Expected[];
  /** Expected alarms that had to fire, and did. */
  readonly kept: number;
};

/** Holds what fired against what was expected. */
export function judgeDay(firings: readonly Firing[], expected: readonly Expected[]): Judgement {
  const alarms = firings.filter(({ labels }) => labels.alertname !== SIGN_OF_LIFE);
  const episodes = alarms
    .flatMap(({ labels, minutes }) =>
      splitRuns(minutes).map(([fromMinute, toMinute]) => ({
        labels,
        fromMinute,
        toMinute,
        isExpected: expected.some(
          (one) => isOf(one, labels) && fromMinute * MINUTE_MS >= one.fromMs && toMinute * MINUTE_MS <= one.toMs,
        ),
      })),
    )
    .sort((one, other) => one.fromMinute - other.fromMinute);
  const required = expected.filter(({ must }) => must);
  const missed = required.filter((one) => !episodes.some((episode) => episode.isExpected && isOf(one, episode.labels)));
  return { episodes, missed, kept: required.length - missed.length };
}

function isOf({ alert, labels }: Expected, found: Readonly<Record<string, string>>): boolean {
  return found.alertname === alert && Object.entries(labels).every(([name, value]) => found[name] === value);
}

function splitRuns(minutes: readonly number[]): readonly (readonly [from: number, to: number])[] {
  const runs: [number, number][] = [];
  for (const minute of [...minutes].sort((one, other) => one - other)) {
    const last = runs.at(-1);
    if (last && minute <= last[1] + 1) last[1] = minute;
    else runs.push([minute, minute]);
  }
  return runs;
}
