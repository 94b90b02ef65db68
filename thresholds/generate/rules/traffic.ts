import { Metric, SpanName } from 'callspan/conventions';
import { formatDuration } from '../../durations.ts';
import type { Thresholds } from '../../model.ts';
import { CLOCK_YEARS, isWithinHours, localSeconds } from './clock.ts';
import { counted, Label, metricOf, quote, SpanMetric, select } from './promql.ts';
import { alarm, type RuleGroup } from './rule-file.ts';
import { lookedFor, runningRule } from './running.ts';
import { type Links, runbook, since } from './words.ts';

/** 1 in hours in which calls are expected, else 0. */
export const TRAFFIC_EXPECTED = 'callspan:traffic_expected';
const GROUP = 'callspan-traffic';
const LOCAL_TIME = 'callspan:local_time:seconds';

/** No calls where they are expected; nothing for a set that expects none. */
export function trafficGroups(thresholds: Thresholds, links: Links): readonly RuleGroup[] {
  const { traffic, evaluationMs } = thresholds;
  if (!traffic) return [];
  const { hours, noneForMs } = traffic;
  const alert = 'CallspanNoCalls';
  const noneFor = formatDuration(noneForMs);
  const local = select(LOCAL_TIME, [['time_zone', '=', hours.timeZone]]);
  const ended = counted(select(SpanMetric.calls, [[Label.spanName, '=', SpanName.call]]), noneForMs, []);
  return [
    {
      name: GROUP,
      interval: formatDuration(evaluationMs),
      rules: [
        runningRule(GROUP),
        {
          record: LOCAL_TIME,
          expr: `vector(${localSeconds(hours.timeZone, CLOCK_YEARS)})`,
          labels: { time_zone: hours.timeZone },
        },
        { record: TRAFFIC_EXPECTED, expr: `sum (\n${isWithinHours(hours, local)}\n)` },
        alarm({
          alert,
          severity: 'warning',
          // Expected all the time in which there was none: the night before opening does not count.
          expr: [
            `(${ended} or vector(0)) == 0`,
            `unless sum (${metricOf(Metric.callActive)}) > 0`,
            `and on () min_over_time(${TRAFFIC_EXPECTED}[${noneFor}]) == 1`,
            `and on () ${lookedFor(GROUP, noneForMs, evaluationMs)}`,
          ].join('\n'),
          annotations: {
            summary: `No call for ${noneFor}, in hours in which calls are expected`,
            description: `None ended and none is going on${since(alert, 'warning', [])}.`,
            runbook_url: runbook(alert, links),
            calls_url: `${links.pageUrl}/`,
            traceql: `{ name = ${quote(SpanName.call)} }`,
          },
        }),
      ],
    },
  ];
}
