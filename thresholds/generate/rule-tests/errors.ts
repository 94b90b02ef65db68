import type { Limit, RatioRule, Thresholds } from '../../model.ts';
import { errorRecordsOf } from '../rules/errors.ts';
import { Label, SPAN_ERROR, SpanMetric } from '../rules/promql.ts';
import { counterValues, type Phase } from './counters.ts';
import { type Check, type ErrorAlert, labelsOf, limitCase, MANY, providerOf, SERVICE, stepsOf } from './limit-cases.ts';
import { betweenSteps, evaluationFrom, expects, type Series, STEP_MS, seriesOf, type TestGroup } from './test-file.ts';

const WARNING: ErrorAlert = 'CallspanStageErrorsWarning';
const CRITICAL: ErrorAlert = 'CallspanStageErrorsCritical';

type Level = 'warning' | 'critical';
type Failing = (limit: Limit) => { readonly phases: readonly Phase[]; readonly checks: readonly Check[] };

/** The alerts of errors, where a row has them. */
export function errorTests(thresholds: Thresholds): readonly TestGroup[] {
  const limits = thresholds.limits.filter(({ errors }) => errors?.warning || errors?.critical);
  if (limits.length === 0) return [];
  const failing = (name: string, course: Failing) => errorCase(name, thresholds, limits, course);
  return [
    failing('a stage that never failed has no series of errors: silent', (limit) => ({
      phases: [],
      checks: [{ atMs: limit.windowMs, alerts: [] }],
    })),
    ...(['warning', 'critical'] as const).flatMap((level) => [
      failing(`one more than allowed fails, ${level}: fires when it has lasted`, (limit) =>
        over(limit, level, thresholds),
      ),
      failing(`exactly as many as allowed fail, ${level}: silent`, (limit) => exactly(limit, level)),
    ]),
    failing('the first failure ever is one of many: silent', (limit) => ({
      phases: [{ steps: 8 }, { steps: 1, by: 0 }, { steps: 1, by: 1 }, { steps: stepsOf(limit.windowMs), by: 0 }],
      checks: [{ atMs: limit.windowMs, alerts: [] }],
    })),
    failing('all fail, then none: told for as long as promised', (limit) => ends(limit, thresholds)),
    restartCase(thresholds, limits),
    ...[-1, 0].map((more) => fewCase(thresholds, limits, more)),
    countCase(thresholds, limits),
    oneCase(thresholds, limits),
  ];
}

function errorCase(name: string, thresholds: Thresholds, limits: readonly Limit[], course: Failing): TestGroup {
  return limitCase(
    name,
    { ...thresholds, limits },
    (limit) => {
      const { checks, phases } = course(limit);
      const lastMs = Math.max(...checks.map(({ atMs }) => atMs));
      const each = { executions: MANY, overWarning: 0, overCritical: 0 };
      const restart = phases.findIndex((phase) => phase.restarts);
      const before = phases.slice(0, Math.max(0, restart)).reduce((sum, { steps }) => sum + steps, 0);
      return {
        course: [
          { steps: before, each },
          { steps: stepsOf(lastMs) + 4 - before, each, ...(before > 0 ? { restarts: true } : {}) },
        ],
        checks,
      };
    },
    (limit) => errorSeries(limit, course(limit).phases),
  );
}

function errorSeries(limit: Limit, phases: readonly Phase[]): readonly Series[] {
  if (phases.length === 0) return [];
  const labels = {
    [Label.service]: SERVICE,
    [Label.stage]: limit.stage,
    [Label.provider]: providerOf(limit),
    [Label.spanStatus]: SPAN_ERROR,
  };
  return [{ series: seriesOf(SpanMetric.calls, labels), values: counterValues(phases) }];
}

/** The most failures of a step at which a level stays silent, and more. */
function failures(limit: Limit, level: Level, more: number): number {
  const ratio = limit.errors?.[level]?.ratio ?? 0;
  return Math.floor(Number((MANY * ratio).toFixed(6))) + more;
}

function alertsOf(limit: Limit, failed: number): readonly ErrorAlert[] {
  const isOver = (rule: RatioRule | undefined) => rule !== undefined && failed / MANY > rule.ratio;
  return [...(isOver(limit.errors?.warning) ? [WARNING] : []), ...(isOver(limit.errors?.critical) ? [CRITICAL] : [])];
}

function over(limit: Limit, level: Level, { evaluationMs }: Thresholds): ReturnType<Failing> {
  const rule = limit.errors?.[level];
  if (!rule) return { phases: [], checks: [{ atMs: limit.windowMs, alerts: [] }] };
  const failed = failures(limit, level, 1);
  const fromMs = evaluationFrom(STEP_MS, evaluationMs);
  const forOf = (alert: ErrorAlert) => limit.errors?.[alert === WARNING ? 'warning' : 'critical']?.forMs ?? 0;
  const at = (atMs: number): Check => ({
    atMs,
    alerts: alertsOf(limit, failed).filter((alert) => atMs >= fromMs + forOf(alert)),
  });
  const firesAtMs = evaluationFrom(fromMs + rule.forMs, evaluationMs);
  const endMs = firesAtMs + limit.windowMs;
  return {
    phases: [{ steps: stepsOf(endMs) + 2, by: failed }],
    checks: [...(rule.forMs >= evaluationMs ? [at(firesAtMs - evaluationMs)] : []), at(firesAtMs), at(endMs)],
  };
}

function exactly(limit: Limit, level: Level): ReturnType<Failing> {
  const failed = failures(limit, level, 0);
  const endMs = limit.windowMs + (limit.errors?.[level]?.forMs ?? 0);
  return {
    phases: [{ steps: stepsOf(endMs) + 4, by: failed }],
    checks: [{ atMs: endMs, alerts: alertsOf(limit, failed) }],
  };
}

/** A single failing step is seen as long as the window lasts, and kept. */
function ends(limit: Limit, { evaluationMs }: Thresholds): ReturnType<Failing> {
  const steps = stepsOf(limit.windowMs);
  // All fail until here: then the share sinks, step by step, to nothing.
  const untilMs = (steps - 1) * STEP_MS;
  const alerts = alertsOf(limit, MANY);
  const slackMs = 2 * STEP_MS + 2 * evaluationMs;
  return {
    phases: [
      { steps, by: MANY },
      { steps: stepsOf(limit.windowMs + limit.keepFiringForMs) + 8, by: 0 },
    ],
    checks: [
      { atMs: evaluationFrom(untilMs + limit.keepFiringForMs, evaluationMs), alerts },
      { atMs: untilMs + limit.windowMs + limit.keepFiringForMs + slackMs, alerts: [] },
    ],
  };
}

/** All of very few fail. */
function fewCase(thresholds: Thresholds, limits: readonly Limit[], more: number): TestGroup {
  const name = more < 0 ? 'all fail, one execution too few: silent' : 'all of just enough fail: fires';
  return limitCase(
    name,
    { ...thresholds, limits },
    (limit) => {
      const executions = limit.minExecutions + more;
      const each = { executions, overWarning: 0, overCritical: 0 };
      const idle = { executions: 0, overWarning: 0, overCritical: 0 };
      const forMs = Math.max(limit.errors?.warning?.forMs ?? 0, limit.errors?.critical?.forMs ?? 0);
      const atMs = 4 * STEP_MS + forMs + 2 * thresholds.evaluationMs;
      const isSeen = atMs < 3 * STEP_MS + limit.windowMs;
      return {
        course: [
          { steps: 4, each: idle },
          { steps: 1, each },
          { steps: stepsOf(limit.windowMs), each: idle },
        ],
        checks: isSeen ? [{ atMs, alerts: more < 0 ? [] : alertsOf(limit, MANY) }] : [],
      };
    },
    (limit) =>
      errorSeries(limit, [
        { steps: 4, by: 0 },
        { steps: 1, by: limit.minExecutions + more },
        { steps: stepsOf(limit.windowMs), by: 0 },
      ]),
  );
}

/** What is recorded of every limit at an instant. */
function recorded(limits: readonly Limit[], atMs: (limit: Limit) => number, value: (limit: Limit) => Recorded) {
  return limits.flatMap((limit) => {
    const { errors, ratio } = errorRecordsOf(limit);
    const { failed, share } = value(limit);
    const own = `{limit=${JSON.stringify(limit.id)}}`;
    return [
      expects(atMs(limit), `${errors}${own}`, [{ labels: seriesOf(errors, labelsOf(limit)), value: failed }]),
      expects(atMs(limit), `${ratio}${own}`, [{ labels: seriesOf(ratio, labelsOf(limit)), value: share }]),
    ];
  });
}

type Recorded = { readonly failed: number; readonly share: number };

function countCase(thresholds: Thresholds, limits: readonly Limit[]): TestGroup {
  const endOf = (limit: Limit) => betweenSteps(2 * limit.windowMs, limit.windowMs, thresholds.evaluationMs);
  const group = errorCase('one in a thousand fails: silent, and counted as it was', thresholds, limits, (limit) => ({
    phases: [{ steps: stepsOf(endOf(limit)) + 2, by: 1 }],
    checks: [{ atMs: endOf(limit), alerts: [] }],
  }));
  const counts = recorded(limits, endOf, (limit) => {
    const failed = Math.floor(endOf(limit) / STEP_MS) - Math.floor((endOf(limit) - limit.windowMs) / STEP_MS) - 1;
    return { failed, share: 1 / MANY };
  });
  return { ...group, promql_expr_test: [...group.promql_expr_test, ...counts] };
}

/** What came since a restart is counted, as it is, and nothing before. */
function restartCase(thresholds: Thresholds, limits: readonly Limit[]): TestGroup {
  const stepsBefore = (limit: Limit) => stepsOf(limit.windowMs) + 5;
  const group = errorCase('counters start again: nothing fires', thresholds, limits, (limit) => {
    const steps = stepsBefore(limit);
    return {
      phases: [
        { steps, by: 1 },
        { steps, by: 1, restarts: true },
      ],
      checks: [0, 1, 2, stepsOf(limit.windowMs)].map((after) => ({ atMs: (steps + after) * STEP_MS, alerts: [] })),
    };
  });
  const atMs = (limit: Limit) => evaluationFrom((stepsBefore(limit) + 2) * STEP_MS, thresholds.evaluationMs);
  const counts = recorded(limits, atMs, (limit) => {
    const failed = Math.floor(atMs(limit) / STEP_MS) - stepsBefore(limit) + 1;
    return { failed, share: 1 / MANY };
  });
  return { ...group, promql_expr_test: [...group.promql_expr_test, ...counts] };
}

/** Of a row that asks for one execution only, and for no time. */
function atOnce({ minExecutions, errors }: Limit): readonly ErrorAlert[] {
  if (minExecutions > 1) return [];
  return [...(errors?.warning?.forMs === 0 ? [WARNING] : []), ...(errors?.critical?.forMs === 0 ? [CRITICAL] : [])];
}

function oneCase(thresholds: Thresholds, limits: readonly Limit[]): TestGroup {
  const atMs = evaluationFrom(4 * STEP_MS, thresholds.evaluationMs);
  const idle = { executions: 0, overWarning: 0, overCritical: 0 };
  const group = limitCase(
    'a single execution, and it fails: a share of 1',
    { ...thresholds, limits },
    (limit) => ({
      course: [
        { steps: 4, each: idle },
        { steps: 1, each: { ...idle, executions: 1 } },
        { steps: 4, each: idle },
      ],
      checks: [{ atMs, alerts: atOnce(limit) }],
    }),
    (limit) =>
      errorSeries(limit, [
        { steps: 4, by: 0 },
        { steps: 1, by: 1 },
        { steps: 4, by: 0 },
      ]),
  );
  const counts = recorded(
    limits,
    () => atMs,
    () => ({ failed: 1, share: 1 }),
  );
  return { ...group, promql_expr_test: [...group.promql_expr_test, ...counts] };
}
