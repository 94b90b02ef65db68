import type { Limit, Thresholds } from '../../model.ts';
import { Label, SpanMetric } from '../rules/promql.ts';
import { counterValues } from './counters.ts';
import {
  evaluationFrom,
  type Firing,
  fires,
  type Series,
  STEP_MS,
  seriesOf,
  type TestGroup,
  testGroup,
} from './test-file.ts';

/** Executions of some steps: how many in each, and how many of them took longer than a limit. */
export type Course = {
  readonly steps: number;
  /** Undefined: nothing arrives. */
  readonly each?: { readonly executions: number; readonly overWarning: number; readonly overCritical: number };
  readonly restarts?: boolean;
};

/** An alert of a limit. */
export type LimitAlert = 'CallspanLimitWarning' | 'CallspanLimitCritical' | 'CallspanLimitNotice';
const SEVERITY = {
  CallspanLimitWarning: 'warning',
  CallspanLimitCritical: 'critical',
  CallspanLimitNotice: 'notice',
} as const;

/** So many that every share of three decimals is a whole number of them. */
export const MANY = 1000;

/** The service of every series. */
export const SERVICE = 'bot';

/** The provider of a row's series: of a row for everybody one that has none of its own. */
export function providerOf({ provider }: Limit): string {
  return provider ?? 'none';
}

/** Steps that are at least so long. */
export function stepsOf(durationMs: number): number {
  return Math.ceil(durationMs / STEP_MS);
}

/** The series that the Collector would write of the executions of a row. */
export function executionSeries(limit: Limit, limits: readonly Limit[], course: readonly Course[]): readonly Series[] {
  const labels = {
    [Label.service]: SERVICE,
    [Label.stage]: limit.stage,
    [Label.provider]: providerOf(limit),
    [Label.spanStatus]: 'STATUS_CODE_UNSET',
  };
  const ofStage = limits.filter(({ stage }) => stage === limit.stage);
  const bounds = [...new Set(ofStage.flatMap(({ warningMs, criticalMs }) => [warningMs, criticalMs]))].sort(
    (a, b) => a - b,
  );
  const values = (count: (each: NonNullable<Course['each']>) => number) =>
    counterValues(course.map(({ each, ...rest }) => ({ ...rest, ...(each ? { by: count(each) } : {}) })));
  return [
    { series: seriesOf(SpanMetric.count, labels), values: values((each) => each.executions) },
    ...bounds.map((bound) => ({
      series: seriesOf(SpanMetric.bucket, { ...labels, le: String(bound) }),
      values: values(({ executions, overWarning, overCritical }) => {
        if (bound >= limit.criticalMs) return executions - overCritical;
        return bound >= limit.warningMs ? executions - overWarning : 0;
      }),
    })),
  ];
}

/** The labels of what is recorded of a limit. */
export function labelsOf(limit: Limit): Readonly<Record<string, string>> {
  return {
    limit: limit.id,
    [Label.service]: SERVICE,
    [Label.stage]: limit.stage,
    [Label.provider]: providerOf(limit),
  };
}

/** An alert of a limit, as it fires. */
export function firingOf(limit: Limit, alertname: LimitAlert | ErrorAlert): Firing {
  const severity = alertname in SEVERITY ? SEVERITY[alertname as LimitAlert] : severityOfErrors(alertname);
  return { alertname, severity, ...labelsOf(limit) };
}

/** An alert of a stage's errors. */
export type ErrorAlert = 'CallspanStageErrorsWarning' | 'CallspanStageErrorsCritical';

function severityOfErrors(alertname: string): string {
  return alertname === 'CallspanStageErrorsCritical' ? 'critical' : 'warning';
}

/** What fires of a limit at an instant. */
export type Check = { readonly atMs: number; readonly alerts: readonly (LimitAlert | ErrorAlert)[] };

/**
 * One course of events for all limits at once; their series do not touch each other.
 * @param course what happens to a limit, and what fires when
 */
export function limitCase(
  name: string,
  { limits, evaluationMs }: Thresholds,
  course: (limit: Limit) => { readonly course: readonly Course[]; readonly checks: readonly Check[] },
  more: (limit: Limit) => readonly Series[] = () => [],
): TestGroup {
  const rows = limits.map((limit) => ({ limit, ...course(limit) }));
  const tests = rows.flatMap(({ limit, checks }) =>
    checks.map(({ atMs, alerts }) =>
      fires(
        evaluationFrom(atMs, evaluationMs),
        `limit=${JSON.stringify(limit.id)}`,
        alerts.map((alert) => firingOf(limit, alert)),
      ),
    ),
  );
  const series = rows.flatMap(({ limit, course: steps }) => [...executionSeries(limit, limits, steps), ...more(limit)]);
  return testGroup(name, series, tests);
}
