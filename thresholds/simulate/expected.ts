import { Stage } from 'callspan/conventions';
import { fewestExecutions, groupBurns } from '../generate/rules/objectives.ts';
import { Label } from '../generate/rules/promql.ts';
import { rateWindow } from '../generate/rules/services.ts';
import type { Limit, Thresholds } from '../model.ts';
import { BOT, type Execution } from './day.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** Nearer to a limit than this, the minute in which samples are taken decides: such an alarm may fire and need not. */
const CLEARLY = 1.3;
/** An alarm is seen so much later than what it is about: samples, evaluations, a whole minute. */
const LATE_MS = 4 * MINUTE_MS;

/** An alarm that is right from one instant of the day to another; one that `must` fire is missed when it does not. */
export type Expected = {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly must: boolean;
  readonly fromMs: number;
  readonly toMs: number;
};

/**
 * The alarms that a day's executions call for, by plain counting of the executions themselves: no bucket, no PromQL.
 */
export function expectAlarms(thresholds: Thresholds, executions: readonly Execution[]): readonly Expected[] {
  return [
    ...thresholds.limits.flatMap((limit) => expectOfLimit(limit, thresholds.notice.cooldownMs, executions)),
    ...expectMeanGap(thresholds, executions),
    ...expectBurns(thresholds, executions),
  ];
}

type Tally = { readonly all: number; readonly bad: number };
type Verdict = { readonly must: boolean; readonly may: boolean };

function expectOfLimit(limit: Limit, cooldownMs: number, executions: readonly Execution[]): readonly Expected[] {
  return providersOf(limit, executions).flatMap((provider) => {
    const ours = executions.filter((one) => one.stage === limit.stage && one.provider === provider);
    const labels = { limit: limit.id, [Label.service]: BOT, [Label.provider]: provider };
    const { windowMs, minExecutions, keepFiringForMs } = limit;
    const expect = (alert: string, severity: string, isBad: (one: Execution) => boolean, rule: Rule) => {
      const seen = watch(ours, isBad, windowMs, (tally) => judge(tally, rule.above, rule.minExecutions));
      return toExpected({ alert, labels: { ...labels, severity } }, seen, {
        heldMs: rule.forMs,
        tailMs: rule.keptMs,
      });
    };
    const over = (limitMs: number) => (one: Execution) => one.durationMs > limitMs;
    const failed = (one: Execution) => one.failed;
    const shares = { minExecutions, keptMs: keepFiringForMs };
    const { warning, critical } = limit.errors ?? {};
    return [
      ...expect('CallspanLimitWarning', 'warning', over(limit.warningMs), { ...shares, ...ruleOf(limit.warning) }),
      ...expect('CallspanLimitCritical', 'critical', over(limit.criticalMs), { ...shares, ...ruleOf(limit.critical) }),
      ...expect('CallspanLimitNotice', 'notice', over(limit.criticalMs), {
        above: 0,
        minExecutions: 0,
        forMs: 0,
        keptMs: cooldownMs,
      }),
      ...(warning
        ? expect('CallspanStageErrorsWarning', 'warning', failed, {
            ...shares,
            above: warning.ratio,
            forMs: warning.forMs,
          })
        : []),
      ...(critical
        ? expect('CallspanStageErrorsCritical', 'critical', failed, {
            ...shares,
            above: critical.ratio,
            forMs: critical.forMs,
          })
        : []),
    ];
  });
}

type Rule = { readonly above: number; readonly minExecutions: number; readonly forMs: number; readonly keptMs: number };

function ruleOf({ share, forMs }: Limit['warning']): Pick<Rule, 'above' | 'forMs'> {
  return { above: share, forMs };
}

function providersOf(limit: Limit, executions: readonly Execution[]): readonly string[] {
  const found = new Set(executions.filter(({ stage }) => stage === limit.stage).map(({ provider }) => provider));
  if (limit.provider !== undefined) return [limit.provider];
  return [...found].filter((provider) => !limit.exceptProviders.includes(provider));
}

function expectMeanGap({ meanResponseGap }: Thresholds, executions: readonly Execution[]): readonly Expected[] {
  const { aboveMs, forMs } = meanResponseGap;
  const gaps = executions.filter(({ stage }) => stage === Stage.responseGap);
  const windowMs = rateWindow(forMs);
  const seen = watchSum(gaps, windowMs, ({ all, bad }) => ({
    must: all > 1 && bad / all > aboveMs * CLEARLY,
    may: all > 0 && bad / all > aboveMs / CLEARLY,
  }));
  const named = { alert: 'CallspanMeanResponseGap', labels: { [Label.service]: BOT, severity: 'warning' } };
  return toExpected(named, seen, { heldMs: forMs + windowMs, tailMs: windowMs });
}

function expectBurns(thresholds: Thresholds, executions: readonly Execution[]): readonly Expected[] {
  return thresholds.objectives.flatMap((objective) => {
    const limit = thresholds.limits.find(({ id }) => id === objective.limit);
    if (!limit) return [];
    const providers = providersOf(limit, executions);
    const ours = executions.filter(({ stage, provider }) => stage === limit.stage && providers.includes(provider));
    const limitMs = objective.level === 'critical' ? limit.criticalMs : limit.warningMs;
    const isBad = (one: Execution) => one.durationMs > limitMs;
    return groupBurns(objective).flatMap(([severity, burns]) => {
      const each: readonly (readonly Verdict[])[] = burns.map((burn) => {
        const long = watch(ours, isBad, burn.longMs, (tally) =>
          judge(tally, burn.above, fewestExecutions(limit, burn)),
        );
        const short = watch(ours, isBad, burn.shortMs, (tally) => judge(tally, burn.above, 0));
        return long.map((one, minute) => both(one, short[minute]));
      });
      const labels = { objective: objective.id, [Label.service]: BOT, [Label.stage]: limit.stage, severity };
      return toExpected({ alert: 'CallspanBudgetBurn', labels }, each.reduce(eitherOf), { heldMs: 0, tailMs: 0 });
    });
  });
}

function both(one: Verdict, other: Verdict | undefined): Verdict {
  return { must: one.must && (other?.must ?? false), may: one.may && (other?.may ?? false) };
}

function eitherOf(some: readonly Verdict[], others: readonly Verdict[]): readonly Verdict[] {
  return some.map(({ must, may }, minute) => ({
    must: must || (others[minute]?.must ?? false),
    may: may || (others[minute]?.may ?? false),
  }));
}

function judge({ all, bad }: Tally, above: number, minExecutions: number): Verdict {
  if (bad === 0) return { must: false, may: false };
  const share = bad / all;
  // A share that cannot be passed clearly is passed by all.
  const clearly = Math.min(above * CLEARLY, (1 + above) / 2);
  return {
    must: all >= minExecutions * CLEARLY && share > clearly,
    may: all >= minExecutions / CLEARLY && share > above / CLEARLY,
  };
}

/** For each minute of the day, the verdict on the window that ends there. */
function watch(
  executions: readonly Execution[],
  isBad: (one: Execution) => boolean,
  windowMs: number,
  judgeTally: (tally: Tally) => Verdict,
): readonly Verdict[] {
  return watchWeights(
    executions.map((one) => ({ atMs: one.atMs, weight: isBad(one) ? 1 : 0 })),
    windowMs,
    judgeTally,
  );
}

function watchSum(executions: readonly Execution[], windowMs: number, judgeTally: (tally: Tally) => Verdict) {
  return watchWeights(
    executions.map(({ atMs, durationMs }) => ({ atMs, weight: durationMs })),
    windowMs,
    judgeTally,
  );
}

type Weighed = { readonly atMs: number; readonly weight: number };

function watchWeights(
  unsorted: readonly Weighed[],
  windowMs: number,
  judgeTally: (tally: Tally) => Verdict,
): readonly Verdict[] {
  const sorted = [...unsorted].sort((one, other) => one.atMs - other.atMs);
  let first = 0;
  let next = 0;
  let bad = 0;
  return Array.from({ length: DAY_MINUTES }, (_, minute) => {
    const endMs = minute * MINUTE_MS;
    for (; (sorted[next]?.atMs ?? Number.POSITIVE_INFINITY) <= endMs; next += 1) bad += sorted[next]?.weight ?? 0;
    for (; (sorted[first]?.atMs ?? Number.POSITIVE_INFINITY) <= endMs - windowMs; first += 1)
      bad -= sorted[first]?.weight ?? 0;
    return judgeTally({ all: next - first, bad: next === first ? 0 : bad });
  });
}

type Named = Pick<Expected, 'alert' | 'labels'>;

/** One expectation from the first minute to the last in which the alarm may be; it must be when it clearly holds long enough. */
function toExpected(
  named: Named,
  verdicts: readonly Verdict[],
  { heldMs, tailMs }: { readonly heldMs: number; readonly tailMs: number },
): readonly Expected[] {
  const first = verdicts.findIndex(({ may }) => may);
  if (first === -1) return [];
  const last = verdicts.findLastIndex(({ may }) => may);
  let run = 0;
  let longest = 0;
  for (const { must } of verdicts) {
    run = must ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  const must = longest > 0 && longest * MINUTE_MS >= heldMs + LATE_MS;
  return [{ ...named, must, fromMs: first * MINUTE_MS - LATE_MS, toMs: last * MINUTE_MS + tailMs + LATE_MS }];
}
