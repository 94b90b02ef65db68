import { Metric, SpanName } from 'callspan/conventions';
import type { Thresholds, WorkingHours } from '../../model.ts';
import { CLOCK_YEARS, listOffsets } from '../rules/clock.ts';
import { Label, metricOf, SpanMetric } from '../rules/promql.ts';
import { TRAFFIC_EXPECTED } from '../rules/traffic.ts';
import { SERVICE, stepsOf } from './limit-cases.ts';
import { expects, fires, type Series, STEP_MS, seriesOf, type TestGroup, testGroup } from './test-file.ts';

const ALERT = 'CallspanNoCalls';
const QUIET = `alertname="${ALERT}"`;
const TOLD = [{ alertname: ALERT, severity: 'warning' }];
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

type Traffic = NonNullable<Thresholds['traffic']>;

/** No calls in hours in which they are expected, on both sides of the changes of the clocks. */
export function trafficTests({ traffic }: Thresholds): readonly TestGroup[] {
  if (!traffic) return [];
  const openedMs = openingsAroundChanges(traffic.hours);
  const first = openedMs[0];
  if (first === undefined) return [];
  const always = [callsCase(first, traffic), activeCase(first, traffic), flatCase(first, traffic)];
  if (neverCloses(traffic.hours)) return always;
  return [
    ...openedMs.map((opens) => openingCase(opens, traffic)),
    ...always,
    ...(isWholeDay(traffic.hours) ? [] : [closedCase(first, traffic)]),
  ];
}

function isWholeDay({ fromMinute, toMinute }: WorkingHours): boolean {
  return fromMinute === 0 && toMinute === 1440;
}

function neverCloses(hours: WorkingHours): boolean {
  return isWholeDay(hours) && hours.days.length === 7;
}

/** Instants at which the hours begin: on the last day before a change of the clocks, and the first after it. */
function openingsAroundChanges(hours: WorkingHours): readonly number[] {
  const offsets = listOffsets(hours.timeZone, CLOCK_YEARS);
  const changes = offsets.slice(1, 3).map(({ fromSeconds }) => fromSeconds * 1000);
  const start = (offsets[0]?.fromSeconds ?? 0) * 1000;
  const days = changes.length === 0 ? [start + 7 * DAY_MS] : changes;
  return days.flatMap((atMs) => [opening(atMs, hours, -1), opening(atMs, hours, 1)]);
}

/** The nearest opening before or after an instant, at least a day away. */
function opening(atMs: number, hours: WorkingHours, direction: -1 | 1): number {
  const { days, fromMinute, timeZone } = hours;
  const offsets = listOffsets(timeZone, CLOCK_YEARS);
  let dayMs = Math.floor(atMs / DAY_MS) * DAY_MS + direction * DAY_MS;
  const isOpen = (atDayMs: number) => days.includes(new Date(atDayMs).getUTCDay() || 7);
  // Where days are open to midnight and from midnight on, the hours begin on the first of them.
  const follows = (atDayMs: number) => isWholeDay(hours) && !neverCloses(hours) && isOpen(atDayMs - DAY_MS);
  while (!isOpen(dayMs) || follows(dayMs)) dayMs += direction * DAY_MS;
  const localMs = dayMs + fromMinute * MINUTE_MS;
  const offset = offsets.findLast(({ fromSeconds, offsetSeconds }) => (fromSeconds + offsetSeconds) * 1000 <= localMs);
  return localMs - (offset?.offsetSeconds ?? 0) * 1000;
}

const START_BEFORE_MS = 10 * MINUTE_MS;

/** A course that begins ten minutes before the hours do; instants are after the opening. */
function around(
  opensMs: number,
  name: string,
  series: readonly Series[],
  checks: readonly (readonly [afterMs: number, isTold: boolean])[],
): TestGroup {
  const start = new Date(opensMs - START_BEFORE_MS).toISOString();
  const tests = checks.map(([afterMs, isTold]) => fires(START_BEFORE_MS + afterMs, QUIET, isTold ? TOLD : []));
  return testGroup(`${name} (${start.slice(0, 10)})`, series, tests, start);
}

function openingCase(opensMs: number, { noneForMs }: Traffic): TestGroup {
  const group = around(
    opensMs,
    'nobody calls: told when the hours have lasted long enough',
    [],
    [
      [0, false],
      [noneForMs - 2 * MINUTE_MS, false],
      [noneForMs + MINUTE_MS, true],
    ],
  );
  const expected = (afterMs: number, value: number) =>
    expects(START_BEFORE_MS + afterMs, TRAFFIC_EXPECTED, [{ labels: TRAFFIC_EXPECTED, value }]);
  return { ...group, promql_expr_test: [...group.promql_expr_test, expected(-MINUTE_MS, 0), expected(0, 1)] };
}

function callSeries(values: string): Series {
  return { series: seriesOf(SpanMetric.calls, { [Label.service]: SERVICE, [Label.spanName]: SpanName.call }), values };
}

function callsCase(opensMs: number, { noneForMs }: Traffic): TestGroup {
  const steps = stepsOf(START_BEFORE_MS + 2 * noneForMs);
  return around(opensMs, 'calls come: silent', [callSeries(`0+1x${steps}`)], [[noneForMs + MINUTE_MS, false]]);
}

function activeCase(opensMs: number, { noneForMs }: Traffic): TestGroup {
  const steps = stepsOf(START_BEFORE_MS + 2 * noneForMs);
  const active = {
    series: seriesOf(metricOf(Metric.callActive), { [Label.service]: SERVICE }),
    values: `1+0x${steps}`,
  };
  return around(opensMs, 'none has ended, one is going on: silent', [active], [[noneForMs + MINUTE_MS, false]]);
}

/** The counter is there and does not move. */
function flatCase(opensMs: number, { noneForMs }: Traffic): TestGroup {
  const before = stepsOf(START_BEFORE_MS) + 20;
  const lastMs = 19 * STEP_MS;
  const active = {
    series: seriesOf(metricOf(Metric.callActive), { [Label.service]: SERVICE }),
    values: `0+0x${before + 2 * stepsOf(noneForMs)}`,
  };
  const calls = callSeries(`0+1x${before - 1} ${before - 1}+0x${2 * stepsOf(noneForMs)}`);
  return around(
    opensMs,
    'calls came, then no more: told',
    [calls, active],
    [
      [lastMs + noneForMs - 2 * MINUTE_MS, false],
      [lastMs + noneForMs + MINUTE_MS, true],
    ],
  );
}

/** A day on which nothing is expected, and the evening. */
function closedCase(opensMs: number, { hours, noneForMs }: Traffic): TestGroup {
  const closesMs = opensMs + (hours.toMinute - hours.fromMinute) * MINUTE_MS;
  const start = new Date(closesMs - START_BEFORE_MS).toISOString();
  return testGroup(
    `after the hours nobody calls: silent (${start.slice(0, 10)})`,
    [],
    [
      expects(START_BEFORE_MS - MINUTE_MS, TRAFFIC_EXPECTED, [{ labels: TRAFFIC_EXPECTED, value: 1 }]),
      expects(START_BEFORE_MS, TRAFFIC_EXPECTED, [{ labels: TRAFFIC_EXPECTED, value: 0 }]),
      fires(START_BEFORE_MS + noneForMs, QUIET, []),
    ],
    start,
  );
}
