import { formatDuration } from '../../durations.ts';
import type { Limit, Objective, Thresholds } from '../../model.ts';
import { type Burn, limitOf, listBurns } from '../rules/objectives.ts';
import { Label } from '../rules/promql.ts';
import { type Course, executionSeries, SERVICE } from './limit-cases.ts';
import { type Firing, fires, type TestGroup, testGroup } from './test-file.ts';

const ALERT = 'CallspanBudgetBurn';
/** Executions of a step; burns are told apart by a ten-thousandth. */
const MANY = 10_000;
/** Steps of a long window: its tests last for days. */
const STEPS = 200;
/** Steps that are enough where it does not matter how long something lasts. */
const FEW_STEPS = 25;

/** How often the rules of objectives are evaluated in their tests. */
export const OBJECTIVE_EVALUATION_MS = 60_000;

type Subject = {
  readonly objective: Objective;
  readonly limit: Limit;
  readonly limits: readonly Limit[];
  readonly burn: Burn;
};

/** Each burn rate: how fast, how long, how soon it ends, and how few executions say nothing. */
export function objectiveTests(thresholds: Thresholds): readonly TestGroup[] {
  const { objectives, limits } = thresholds;
  return objectives.flatMap((objective) => {
    const limit = limitOf(thresholds, objective);
    return listBurns(objective).flatMap((burn) => {
      const subject = { objective, limit, limits, burn };
      return [
        steadyCase(subject, 1),
        steadyCase(subject, -1),
        burstCase(subject, 1.25),
        burstCase(subject, 0.75),
        fewCase(subject, 0),
        fewCase(subject, -1),
      ];
    });
  });
}

function burnCase(
  name: string,
  { objective, limit, limits, burn }: Subject,
  course: readonly Course[],
  checks: readonly (readonly [atMs: number, isTold: boolean])[],
): TestGroup {
  const long = formatDuration(burn.longMs);
  const told: Firing = {
    alertname: ALERT,
    severity: burn.severity,
    objective: objective.id,
    burn_window: long,
    [Label.service]: SERVICE,
    [Label.stage]: limit.stage,
  };
  const matchers = `alertname="${ALERT}",objective=${JSON.stringify(objective.id)},burn_window="${long}"`;
  const group = testGroup(
    `${objective.id}, ${long}: ${name}`,
    executionSeries(limit, limits, course),
    checks.map(([atMs, isTold]) => fires(toEvaluation(atMs), matchers, isTold ? [told] : [])),
  );
  return { ...group, interval: formatDuration(stepOf(burn)) };
}

function stepOf({ longMs }: Burn): number {
  return longMs / STEPS;
}

/** The evaluation at or before. */
function toEvaluation(atMs: number): number {
  return Math.floor(atMs / OBJECTIVE_EVALUATION_MS) * OBJECTIVE_EVALUATION_MS;
}

function each({ objective }: Subject, over: number, executions = MANY): NonNullable<Course['each']> {
  return { executions, overWarning: over, overCritical: objective.level === 'critical' ? over : 0 };
}

/** @param more than allowed: one in ten thousand, up or down */
function steadyCase(subject: Subject, more: 1 | -1): TestGroup {
  const { burn } = subject;
  const over = Math.floor(burn.above * MANY + 1e-6) + more;
  const steps = FEW_STEPS;
  const name = more > 0 ? 'burns a little faster than allowed: fires' : 'burns a little slower than allowed: silent';
  const atMs = (steps - 2) * stepOf(burn);
  return burnCase(name, subject, [{ steps, each: each(subject, over) }], [[atMs, more > 0]]);
}

/** All are slow for a while, after a long window in which none was. @param times as long as it takes */
function burstCase(subject: Subject, times: number): TestGroup {
  const { burn } = subject;
  const { longMs, shortMs, above } = burn;
  const stepMs = stepOf(burn);
  // Whole minutes: the rules are evaluated when it ends.
  const burstMs = Math.max(1, Math.round((above * longMs * times) / OBJECTIVE_EVALUATION_MS)) * OBJECTIVE_EVALUATION_MS;
  const steps = Math.round(burstMs / stepMs);
  const endMs = (STEPS + steps) * stepMs;
  const isTold = steps / STEPS > above;
  const name = isTold ? 'all are slow for long enough: fires until they are not' : 'all are slow, not for long: silent';
  const course = [
    { steps: STEPS + 1, each: each(subject, 0) },
    { steps, each: each(subject, MANY) },
    { steps: STEPS, each: each(subject, 0) },
  ];
  return burnCase(name, subject, course, [
    [endMs + stepMs / 2, isTold],
    ...(isTold
      ? ([
          [endMs + 0.6 * shortMs, true],
          [endMs + shortMs + 3 * stepMs + OBJECTIVE_EVALUATION_MS, false],
        ] as const)
      : []),
  ]);
}

/** Very few executions say nothing about a share. @param more than the fewest */
function fewCase(subject: Subject, more: 0 | -1): TestGroup {
  const { limit, burn } = subject;
  const executions = limit.minExecutions + more;
  const idle = each(subject, 0, 0);
  const course = [
    { steps: FEW_STEPS, each: idle },
    { steps: 1, each: each(subject, executions, executions) },
    { steps: 20, each: idle },
  ];
  const name = more < 0 ? 'one execution too few, all slow: silent' : 'just enough executions, all slow: fires';
  const atMs = FEW_STEPS * stepOf(burn) + OBJECTIVE_EVALUATION_MS;
  return burnCase(name, subject, course, [[atMs, more === 0]]);
}
