import { formatDuration } from '../../durations.ts';
import type { Limit, Objective, Thresholds } from '../../model.ts';
import { type Burn, fewestExecutions, groupBurns, limitOf, listBurns } from '../rules/objectives.ts';
import { figure, Label, quote } from '../rules/promql.ts';
import type { Links } from '../rules/words.ts';
import { type Course, executionSeries, SERVICE } from './limit-cases.ts';
import { evaluationFrom, type Firing, fires, type TestGroup, testGroup } from './test-file.ts';
import { linkWords, sinceWords } from './words.ts';

const ALERT = 'CallspanBudgetBurn';
/** Executions of a step; burns are told apart by a ten-thousandth. */
const MANY = 10_000;
/** Steps of a long window: its tests last for days. */
const STEPS = 200;
/** Steps that are enough where it does not matter how long something lasts. */
const FEW_STEPS = 25;
/** Executions of which one slow one is no share yet. */
const HANDFUL = 27;

/** How often the rules of objectives are evaluated in their tests. */
export const OBJECTIVE_EVALUATION_MS = 60_000;

type Subject = {
  readonly objective: Objective;
  readonly limit: Limit;
  readonly limits: readonly Limit[];
  readonly burn: Burn;
  /** Other burns of the same alarm. */
  readonly others: readonly Burn[];
};

/** Each burn rate: how fast, how long, how soon it ends, and how few executions say nothing. */
export function objectiveTests(thresholds: Thresholds, links: Links): readonly TestGroup[] {
  const { objectives, limits } = thresholds;
  return objectives.flatMap((objective) => {
    const limit = limitOf(thresholds, objective);
    const subjects = groupBurns(objective).flatMap(([, burns]) =>
      burns.map((burn) => ({ objective, limit, limits, burn, others: burns.filter((other) => other !== burn) })),
    );
    return subjects.flatMap((subject) => [
      steadyCase(subject, 1),
      steadyCase(subject, -1),
      burstCase(subject, 1.25),
      burstCase(subject, 0.75),
      fewCase(subject, 0),
      fewCase(subject, -1),
      firstBreachCase(subject),
      ...(isAlone(thresholds, subject) ? wordCases(subject, links) : []),
    ]);
  });
}

type Check = readonly [atMs: number, isTold: boolean];

function burnCase(name: string, subject: Subject, course: readonly Course[], checks: readonly Check[]): TestGroup {
  const { objective, limit, limits, burn, others } = subject;
  const stepMs = stepOf(burn);
  const told: Firing = { alertname: ALERT, ...labelsOf(subject) };
  const matchers = `alertname="${ALERT}",objective=${JSON.stringify(objective.id)},severity="${burn.severity}"`;
  // What another burn of the same alarm tells is no matter of this one.
  const isTold = (atMs: number) => others.some((other) => isBurning(other, limit, course, { stepMs, atMs }));
  const group = testGroup(
    `${objective.id}, ${formatDuration(burn.longMs)}: ${name}`,
    executionSeries(limit, limits, course),
    checks.map(([ms, isOwn]) => {
      const atMs = toEvaluation(ms);
      return fires(atMs, matchers, isOwn || isTold(atMs) ? [told] : []);
    }),
  );
  return { ...group, interval: formatDuration(stepMs) };
}

function labelsOf({ objective, limit, burn }: Subject): Readonly<Record<string, string>> {
  return { severity: burn.severity, objective: objective.id, [Label.service]: SERVICE, [Label.stage]: limit.stage };
}

type Instant = { readonly stepMs: number; readonly atMs: number };

/** By plain counting of the steps in both windows. */
function isBurning(burn: Burn, limit: Limit, course: readonly Course[], { stepMs, atMs }: Instant): boolean {
  const steps = course.flatMap(({ steps: count, each: one }) => Array.from({ length: count }, () => one));
  const count = (windowMs: number) => {
    const seen = steps.slice(Math.max(1, Math.floor((atMs - windowMs) / stepMs) + 2), Math.floor(atMs / stepMs) + 1);
    const sum = (of: (one: NonNullable<Course['each']>) => number) =>
      seen.reduce((total, one) => total + (one ? of(one) : 0), 0);
    return { all: sum(({ executions }) => executions), over: sum(({ overWarning }) => overWarning) };
  };
  const isOver = ({ all, over }: ReturnType<typeof count>) => all > 0 && over / all > burn.above;
  const long = count(burn.longMs);
  return isOver(long) && isOver(count(burn.shortMs)) && long.all >= fewestExecutions(limit, burn);
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

/** So many steps without a slow one that no longer window of the same alarm is over what it allows. */
function calmSteps({ burn, others }: Subject): number {
  return Math.ceil(Math.max(burn.longMs, ...others.map(({ longMs }) => longMs)) / stepOf(burn)) + 1;
}

/** @param more than allowed: one in ten thousand, up or down */
function steadyCase(subject: Subject, more: 1 | -1): TestGroup {
  const { burn } = subject;
  const over = Math.floor(burn.above * MANY + 1e-6) + more;
  const isLongest = subject.others.every(({ longMs }) => longMs < burn.longMs);
  // The same share all the time is the shortest way to it, where no longer window must stay within its own.
  const calm = isLongest ? 0 : calmSteps(subject);
  const steps = isLongest ? FEW_STEPS : STEPS + 5;
  const name = more > 0 ? 'burns a little faster than allowed: fires' : 'burns a little slower than allowed: silent';
  const course = [
    { steps: calm, each: each(subject, 0) },
    { steps, each: each(subject, over) },
  ];
  return burnCase(name, subject, course, [[(calm + steps - 2) * stepOf(burn), more > 0]]);
}

/** All are slow for a while, after long windows in which none was. @param times as long as it takes */
function burstCase(subject: Subject, times: number): TestGroup {
  const { burn, others } = subject;
  const { longMs, shortMs, above } = burn;
  const stepMs = stepOf(burn);
  // Whole minutes: the rules are evaluated when it ends.
  const burstMs = Math.max(1, Math.round((above * longMs * times) / OBJECTIVE_EVALUATION_MS)) * OBJECTIVE_EVALUATION_MS;
  const steps = Math.round(burstMs / stepMs);
  const calm = calmSteps(subject);
  const endMs = (calm - 1 + steps) * stepMs;
  const isTold = steps / STEPS > above;
  const name = isTold ? 'all are slow for long enough: fires until they are not' : 'all are slow, not for long: silent';
  const course = [
    { steps: calm, each: each(subject, 0) },
    { steps, each: each(subject, MANY) },
    { steps: STEPS, each: each(subject, 0) },
  ];
  // Long after it, while the short window still is clearly over.
  const seen = Math.max(0, Math.min(0.8, 1 - 1.3 * above));
  const afterMs = 3 * stepMs + OBJECTIVE_EVALUATION_MS;
  const shorter = others.map((other) => other.shortMs).filter((ms) => ms + afterMs < shortMs);
  return burnCase(name, subject, course, [
    [endMs + stepMs / 2, isTold],
    // Shorter windows have seen the end of it.
    ...shorter.map((ms) => [endMs + ms + afterMs, isTold] as const),
    [endMs + seen * shortMs, isTold],
    [endMs + shortMs + afterMs, false],
  ]);
}

/** Very few executions say nothing about a share. @param more than the fewest */
function fewCase(subject: Subject, more: 0 | -1): TestGroup {
  const { executions, over } = fewest(subject, more);
  const name = more < 0 ? 'one execution too few: silent' : 'just enough executions: fires';
  return onceCase(`${name} (${over} of ${executions} are slow)`, subject, { executions, over }, more === 0);
}

/** What a fresh installation has: a handful of executions, and the first slow one. */
function firstBreachCase(subject: Subject): TestGroup {
  return onceCase('one slow execution of a handful: silent', subject, { executions: HANDFUL, over: 1 }, false);
}

type Once = { readonly executions: number; readonly over: number };

/** Just over the share, of the fewest executions that say something, or so many more. */
function fewest({ limit, burn }: Subject, more: number): Once {
  const executions = fewestExecutions(limit, burn) + more;
  return { executions, over: Math.min(executions, Math.floor(figure(burn.above * executions)) + 1) };
}

/** All executions that there ever were come at once. */
function onceCase(name: string, subject: Subject, once: Once, isTold: boolean): TestGroup {
  return burnCase(name, subject, onceCourse(subject, once), [[onceSeenAt(subject), isTold]]);
}

function onceCourse(subject: Subject, { executions, over }: Once): readonly Course[] {
  const idle = each(subject, 0, 0);
  return [
    { steps: FEW_STEPS, each: idle },
    { steps: 1, each: each(subject, over, executions) },
    { steps: 20, each: idle },
  ];
}

/** An evaluation at a sample: between two of them `increase` adds what it does not see. */
function onceSeenAt({ burn }: Subject): number {
  const stepMs = stepOf(burn);
  const after = Array.from({ length: 15 }, (_, index) => (FEW_STEPS + 1 + index) * stepMs);
  return after.find((ms) => ms % OBJECTIVE_EVALUATION_MS === 0) ?? (FEW_STEPS + 1) * stepMs;
}

/** Nothing else of this alarm's name fires by the same executions. */
function isAlone(thresholds: Thresholds, subject: Subject): boolean {
  const { objectives } = thresholds;
  const { objective, limit, burn } = subject;
  const course = onceCourse(subject, fewest(subject, 0));
  const instant = { stepMs: stepOf(burn), atMs: onceSeenAt(subject) };
  const others = listBurns(objective).filter(({ longMs }) => longMs !== burn.longMs);
  return (
    objectives.filter((one) => limitOf(thresholds, one).stage === limit.stage).length === 1 &&
    !others.some((other) => isBurning(other, limit, course, instant))
  );
}

/** The words say the window that the figure is of. */
function wordCases(subject: Subject, links: Links): readonly TestGroup[] {
  const { objective, limit, burn, others } = subject;
  const once = fewest(subject, 0);
  const group = onceCase('the words say which window it is', subject, once, true);
  const limitMs = objective.level === 'critical' ? limit.criticalMs : limit.warningMs;
  const [ofAll, long] = [formatDuration(objective.windowMs), formatDuration(burn.longMs)];
  const percent = (share: number, digits: number) => `${Number((share * 100).toPrecision(digits))}%`;
  const sinceMs = evaluationFrom(FEW_STEPS * stepOf(burn), OBJECTIVE_EVALUATION_MS);
  const annotations = {
    summary: `${limit.stage} in ${SERVICE}: ${percent(once.over / once.executions, 4)} of the last ${long} took over ${limitMs} ms, and ${percent(objective.target, 6)} of ${ofAll} are to be within it`,
    description: `More than ${percent(burn.budgetShare, 3)} of what ${ofAll} allow is gone in ${long}, since ${sinceWords(sinceMs)}.`,
    runbook_url: `${links.runbooksUrl}/${ALERT}.md`,
    ...linkWords(
      {
        query: `{ span.voice.stage = ${quote(limit.stage)} && duration > ${limitMs}ms && resource.service.name = ${quote(SERVICE)} }`,
        fromMs: sinceMs - Math.max(burn.longMs, ...others.map(({ longMs }) => longMs)) - 60_000,
      },
      links,
    ),
  };
  const alert = { exp_labels: labelsOf(subject), exp_annotations: annotations };
  const asked = { eval_time: formatDuration(onceSeenAt(subject)), alertname: ALERT, exp_alerts: [alert] };
  return [{ ...group, alert_rule_test: [asked] }];
}
