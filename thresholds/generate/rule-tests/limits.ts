import type { Limit, Thresholds } from '../../model.ts';
import { recordsOf } from '../rules/limit-records.ts';
import { type Check, type Course, type LimitAlert, labelsOf, limitCase, MANY, stepsOf } from './limit-cases.ts';
import { betweenSteps, evaluationFrom, expects, STEP_MS, seriesOf, type TestGroup } from './test-file.ts';

const WARNING: LimitAlert = 'CallspanLimitWarning';
const CRITICAL: LimitAlert = 'CallspanLimitCritical';
const NOTICE: LimitAlert = 'CallspanLimitNotice';

type Each = NonNullable<Course['each']>;
const IDLE: Each = { executions: 0, overWarning: 0, overCritical: 0 };

function many({ minExecutions }: Limit): number {
  return MANY * Math.ceil(minExecutions / MANY);
}

function healthy(limit: Limit): Each {
  return { ...IDLE, executions: many(limit) };
}

/** The most executions over a limit at which nothing fires, or one more. */
function overShare(limit: Limit, level: 'warning' | 'critical', more: 0 | 1): Each {
  const executions = many(limit);
  // 0.07 x 1000 is a little more than 70.
  const over = Math.floor(Number((executions * limit[level].share).toFixed(6))) + more;
  return { executions, overWarning: over, overCritical: level === 'critical' ? over : 0 };
}

/** The alerts that a steady course makes fire, `for` long over. */
function alertsOf(limit: Limit, { executions, overWarning, overCritical }: Each): readonly LimitAlert[] {
  return [
    ...(overWarning / executions > limit.warning.share ? [WARNING] : []),
    ...(overCritical / executions > limit.critical.share ? [CRITICAL] : []),
    ...(overCritical > 0 ? [NOTICE] : []),
  ];
}

/** Everything that the rules of limits promise, each with series that prove it. */
export function limitTests(thresholds: Thresholds): readonly TestGroup[] {
  if (thresholds.limits.length === 0) return [];
  return [
    healthyCase(thresholds),
    ...(['warning', 'critical'] as const).flatMap((level) => [
      overCase(thresholds, level),
      exactlyCase(thresholds, level),
    ]),
    minimumCase(thresholds, -1),
    minimumCase(thresholds, 0),
    vanishCase(thresholds),
    oneCase(thresholds),
    firstEverCase(thresholds),
    restartCase(thresholds),
    restartOverCase(thresholds),
  ];
}

function healthyCase(thresholds: Thresholds): TestGroup {
  const { limits, evaluationMs } = thresholds;
  const group = limitCase('healthy: nothing fires, and executions are counted as they were', thresholds, (limit) => {
    const steps = 2 * stepsOf(limit.windowMs);
    return { course: [{ steps, each: healthy(limit) }], checks: [{ atMs: (steps - 1) * STEP_MS, alerts: [] }] };
  });
  const counts = limits.flatMap((limit) => {
    const atMs = betweenSteps((2 * stepsOf(limit.windowMs) - 3) * STEP_MS, limit.windowMs, evaluationMs);
    const samples = Math.floor(atMs / STEP_MS) - Math.floor((atMs - limit.windowMs) / STEP_MS);
    return countsAt(limit, atMs, (samples - 1) * many(limit));
  });
  return { ...group, promql_expr_test: [...group.promql_expr_test, ...counts] };
}

function overCase(thresholds: Thresholds, level: 'warning' | 'critical'): TestGroup {
  const { evaluationMs } = thresholds;
  return limitCase(`one execution more than allowed over ${level}: fires when it has lasted`, thresholds, (limit) => {
    const each = overShare(limit, level, 1);
    const alerts = alertsOf(limit, each);
    // The first increase is seen here.
    const fromMs = evaluationFrom(STEP_MS, evaluationMs);
    const forOf = (alert: LimitAlert) =>
      alert === WARNING ? limit.warning.forMs : alert === CRITICAL ? limit.critical.forMs : 0;
    const at = (atMs: number): Check => ({ atMs, alerts: alerts.filter((alert) => atMs >= fromMs + forOf(alert)) });
    const { forMs } = limit[level];
    const firesAtMs = evaluationFrom(fromMs + forMs, evaluationMs);
    const endMs = fromMs + limit.warning.forMs + limit.critical.forMs + limit.windowMs;
    return {
      course: [{ steps: stepsOf(endMs) + 2, each }],
      checks: [
        ...(forMs >= evaluationMs ? [at(firesAtMs - evaluationMs)] : []),
        at(firesAtMs),
        at(evaluationFrom(endMs, evaluationMs)),
      ],
    };
  });
}

function exactlyCase(thresholds: Thresholds, level: 'warning' | 'critical'): TestGroup {
  return limitCase(`exactly as many as allowed over ${level}: its alert stays silent`, thresholds, (limit) => {
    const each = overShare(limit, level, 0);
    const steps = stepsOf(limit.windowMs + limit.warning.forMs + limit.critical.forMs) + 4;
    const alerts = alertsOf(limit, each);
    return { course: [{ steps, each }], checks: [{ atMs: (steps - 2) * STEP_MS, alerts }] };
  });
}

/** @param more than the minimum of executions, all of them slow */
function minimumCase(thresholds: Thresholds, more: -1 | 0): TestGroup {
  const name = more < 0 ? 'one execution too few: a notice and nothing else' : 'just enough executions: all fire';
  return limitCase(name, thresholds, (limit) => {
    const executions = limit.minExecutions + more;
    const longestForMs = Math.max(limit.warning.forMs, limit.critical.forMs);
    const idle = { steps: 4, each: IDLE };
    const slow = { steps: 1, each: { executions, overWarning: executions, overCritical: executions } };
    const atMs = 4 * STEP_MS + longestForMs + 2 * thresholds.evaluationMs;
    const isSeen = atMs < 3 * STEP_MS + limit.windowMs;
    const told = executions > 0 ? [NOTICE] : [];
    return {
      course: [idle, slow, { steps: stepsOf(limit.windowMs) + 4, each: IDLE }],
      checks: isSeen ? [{ atMs, alerts: more < 0 ? told : [WARNING, CRITICAL, NOTICE] }] : [],
    };
  });
}

function keepOf(limit: Limit, alert: LimitAlert, { notice }: Thresholds): number {
  return alert === NOTICE ? Math.max(0, notice.cooldownMs - limit.windowMs) : limit.keepFiringForMs;
}

/** What still fires around the ends of what is kept, when the last rise was seen before `untilMs`. */
function fading(
  limit: Limit,
  alerts: readonly LimitAlert[],
  untilMs: number,
  thresholds: Thresholds,
): readonly Check[] {
  const slackMs = 2 * thresholds.evaluationMs;
  const goneMs = (alert: LimitAlert) =>
    evaluationFrom(untilMs, thresholds.evaluationMs) + keepOf(limit, alert, thresholds);
  const ends = [...new Set(alerts.map(goneMs))].sort((a, b) => a - b);
  return ends
    .flatMap((endMs) => [endMs - slackMs, endMs + slackMs])
    .map((atMs) => ({ atMs, alerts: alerts.filter((alert) => atMs < goneMs(alert)) }));
}

function vanishCase(thresholds: Thresholds): TestGroup {
  return limitCase('all are slow, then nothing arrives any more: told for as long as promised', thresholds, (limit) => {
    const executions = many(limit);
    const each = { executions, overWarning: executions, overCritical: executions };
    const steps = stepsOf(limit.windowMs + limit.warning.forMs + limit.critical.forMs);
    const untilMs = (steps - 2) * STEP_MS + limit.windowMs;
    return {
      course: [{ steps, each }, { steps: 4 }],
      checks: fading(limit, [WARNING, CRITICAL, NOTICE], untilMs, thresholds),
    };
  });
}

/** So many executions that one of them is no larger share than any limit allows. */
function oneIn(limit: Limit): number {
  const least = Math.min(limit.warning.share, limit.critical.share);
  return Math.max(many(limit), Math.ceil(1 / Math.max(least, 1e-6)));
}

function oneCase(thresholds: Thresholds): TestGroup {
  const { evaluationMs, notice } = thresholds;
  return limitCase('a single one over critical: a notice at once, then not again', thresholds, (limit) => {
    const steps = stepsOf(limit.windowMs);
    // Of so many that one is no share worth a word.
    const executions = oneIn(limit);
    const slow = { executions, overWarning: 1, overCritical: 1 };
    const atMs = evaluationFrom(steps * STEP_MS, evaluationMs);
    const untilMs = (steps - 1) * STEP_MS + limit.windowMs;
    const after = { steps: stepsOf(notice.cooldownMs + limit.windowMs) + 4, each: { ...IDLE, executions } };
    return {
      course: [{ steps, each: { ...IDLE, executions } }, { steps: 1, each: slow }, after],
      checks: [
        { atMs: atMs - evaluationMs, alerts: [] },
        { atMs, alerts: [NOTICE] },
        ...fading(limit, [NOTICE], untilMs, thresholds),
      ],
    };
  });
}

/** Of a row that asks for one execution only, and for no time. */
function alertsAtOnce({ minExecutions, warning, critical }: Limit): readonly LimitAlert[] {
  if (minExecutions > 1) return [];
  return [...(warning.forMs === 0 ? [WARNING] : []), ...(critical.forMs === 0 ? [CRITICAL] : [])];
}

function firstEverCase(thresholds: Thresholds): TestGroup {
  const { limits, evaluationMs } = thresholds;
  const atMs = evaluationFrom(9 * STEP_MS, evaluationMs);
  const group = limitCase('the first execution ever is over critical: a notice', thresholds, (limit) => ({
    course: [
      { steps: 8 },
      { steps: 1, each: IDLE },
      { steps: 1, each: { executions: 1, overWarning: 1, overCritical: 1 } },
      { steps: 8, each: IDLE },
    ],
    checks: [
      { atMs: 8 * STEP_MS, alerts: [] },
      { atMs, alerts: [...alertsAtOnce(limit), NOTICE] },
    ],
  }));
  const ratios = limits.map((limit) => {
    const { overRatio } = recordsOf(limit);
    const samples = ['warning', 'critical'].map((level) => ({
      labels: seriesOf(overRatio, { ...labelsOf(limit), level }),
      value: 1,
    }));
    return expects(atMs, `${overRatio}{limit=${JSON.stringify(limit.id)}}`, samples);
  });
  return { ...group, promql_expr_test: [...group.promql_expr_test, ...ratios] };
}

function restartCase(thresholds: Thresholds): TestGroup {
  const { limits, evaluationMs } = thresholds;
  const stepsBefore = (limit: Limit) => stepsOf(limit.windowMs) + 5;
  const group = limitCase('healthy, counters start again: nothing fires', thresholds, (limit) => {
    const steps = stepsBefore(limit);
    const course = { steps, each: healthy(limit) };
    return {
      course: [course, { ...course, restarts: true }],
      checks: [1, 2, stepsOf(limit.windowMs)].map((after) => ({ atMs: (steps + after) * STEP_MS, alerts: [] })),
    };
  });
  const counts = limits.flatMap((limit) => {
    const atMs = evaluationFrom((stepsBefore(limit) + 2) * STEP_MS, evaluationMs);
    const samples = Math.floor(atMs / STEP_MS) - stepsBefore(limit) + 1;
    return countsAt(limit, atMs, samples * many(limit));
  });
  return { ...group, promql_expr_test: [...group.promql_expr_test, ...counts] };
}

/** What is recorded of a healthy limit. */
function countsAt(limit: Limit, atMs: number, executed: number) {
  const labels = labelsOf(limit);
  const { executions, over } = recordsOf(limit);
  const own = `{limit=${JSON.stringify(limit.id)}}`;
  const levels = ['warning', 'critical'].map((level) => ({ labels: seriesOf(over, { ...labels, level }), value: 0 }));
  return [
    expects(atMs, `${executions}${own}`, [{ labels: seriesOf(executions, labels), value: executed }]),
    expects(atMs, `${over}${own}`, levels),
  ];
}

function restartOverCase(thresholds: Thresholds): TestGroup {
  return limitCase('slow before and after counters start again: it goes on firing', thresholds, (limit) => {
    const each = overShare(limit, 'critical', 1);
    const steps = stepsOf(limit.windowMs + limit.warning.forMs + limit.critical.forMs) + 5;
    const alerts = alertsOf(limit, each);
    return {
      course: [
        { steps, each },
        { steps, each, restarts: true },
      ],
      checks: [0, 2, steps - 2].map((after) => ({ atMs: (steps + after) * STEP_MS, alerts })),
    };
  });
}
