import type { OwnRule, TestSeries, Thresholds } from '../../model.ts';
import { ownAlertName } from '../rules/own.ts';
import { expects, type TestGroup, testGroup } from './test-file.ts';

const MINUTE_MS = 60_000;

/** Rules written by hand, under the series that came with them, a value a minute. */
export function ownTests({ ownRules }: Thresholds): readonly TestGroup[] {
  return ownRules.flatMap((rule) => [ownCase(rule, rule.firing, true), ownCase(rule, rule.silent, false)]);
}

function ownCase(rule: OwnRule, series: readonly TestSeries[], isFiring: boolean): TestGroup {
  const lengths = series.map(({ values }) => lengthOf(values));
  const endMs = Math.max(1, ...lengths) * MINUTE_MS - MINUTE_MS;
  const alerts = `ALERTS{alertstate="firing",alertname="${ownAlertName(rule)}"}`;
  const found = `count(${alerts}) > bool 0 or vector(0)`;
  const group = testGroup(
    `${rule.id}: ${isFiring ? 'fires' : 'is silent'} under the series of the thresholds file`,
    series,
    [expects(endMs, found, [{ labels: '{}', value: isFiring ? 1 : 0 }])],
  );
  return { ...group, interval: '1m' };
}

/** How many values a text of promtool's notation has. */
function lengthOf(values: string): number {
  return values
    .split(/\s+/)
    .filter((part) => part !== '')
    .reduce((sum, part) => {
      const times = /x(\d+)$/.exec(part)?.[1];
      if (times === undefined) return sum + 1;
      return sum + Number(times) + (part.startsWith('_') ? 0 : 1);
    }, 0);
}
