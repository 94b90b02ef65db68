import { Attr } from 'callspan/conventions';
import { formatDuration } from '../../durations.ts';
import type { Limit, Objective, Severity, Thresholds } from '../../model.ts';
import { matchersOf } from './limit-records.ts';
import { figure, Label, type Matcher, quote, SpanMetric, select, within } from './promql.ts';
import { type AlertRule, alarm, type RecordingRule, type RuleGroup } from './rule-file.ts';
import { type Links, runbook, since, spanLinks } from './words.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Which share of the budget may be gone in a window before somebody hears of it; the short window lets it end soon after
 * the trouble has (The Site Reliability Workbook, chapter 5, table 5-8).
 */
const BURNS: readonly Omit<Burn, 'above'>[] = [
  { budgetShare: 0.02, longMs: HOUR_MS, shortMs: 5 * MINUTE_MS, severity: 'critical' },
  { budgetShare: 0.05, longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS, severity: 'critical' },
  { budgetShare: 0.1, longMs: 72 * HOUR_MS, shortMs: 6 * HOUR_MS, severity: 'warning' },
];

/** A rate at which a budget burns that fires. */
export type Burn = {
  readonly budgetShare: number;
  readonly longMs: number;
  readonly shortMs: number;
  readonly severity: Severity;
  /** Share of executions over the limit, in both windows, above which it fires. */
  readonly above: number;
};

/** The burns of an objective that can happen: of a wide budget some would need more than all executions. */
export function listBurns({ target, windowMs }: Objective): readonly Burn[] {
  return BURNS.map((burn) => {
    const rate = figure((burn.budgetShare * windowMs) / burn.longMs);
    return { ...burn, above: figure(rate * (1 - target)) };
  }).filter(({ above }) => above < 1);
}

/** Name of the share over the limit in a window. */
export function objectiveRatio(windowMs: number): string {
  return `callspan:objective_over:ratio${formatDuration(windowMs)}`;
}

/** Name of the executions in a window. */
export function objectiveExecutions(windowMs: number): string {
  return `callspan:objective_executions:increase${formatDuration(windowMs)}`;
}

/** The limit that an objective is about. */
export function limitOf({ limits }: Thresholds, { id, limit }: Objective): Limit {
  const found = limits.find((row) => row.id === limit);
  if (!found) throw new Error(`objective ${id} is about the limit ${limit}, which there is not`);
  return found;
}

/** Objectives, each with its burn rates. Long windows cost: once a minute is often enough. */
export function objectiveGroups(thresholds: Thresholds, links: Links): readonly RuleGroup[] {
  return thresholds.objectives.map((objective) => {
    const limit = limitOf(thresholds, objective);
    const burns = listBurns(objective);
    const windows = [...new Set(burns.flatMap(({ longMs, shortMs }) => [shortMs, longMs]))].sort((a, b) => a - b);
    return {
      name: `callspan-objective-${objective.id}`,
      interval: formatDuration(Math.max(MINUTE_MS, thresholds.evaluationMs)),
      rules: [
        ...windows.flatMap((windowMs) => recordWindow(objective, limit, windowMs)),
        ...burns.map((burn) => burnAlert(objective, limit, burn, links)),
      ],
    };
  });
}

const BY = [Label.service, Label.stage] as const;

function recordWindow(objective: Objective, limit: Limit, windowMs: number): readonly RecordingRule[] {
  const window = formatDuration(windowMs);
  const by = BY.join(', ');
  const labels = { objective: objective.id };
  const matchers = matchersOf(limit);
  const bound = objective.level === 'critical' ? limit.criticalMs : limit.warningMs;
  const inside = `sum by (${by}) (increase(${select(SpanMetric.bucket, [...matchers, within(bound)])}[${window}]))`;
  const all = select(objectiveExecutions(windowMs), [['objective', '=', objective.id]]);
  return [
    {
      record: objectiveExecutions(windowMs),
      expr: `sum by (${by}) (increase(${select(SpanMetric.count, matchers)}[${window}]))`,
      labels,
    },
    { record: objectiveRatio(windowMs), expr: `1 - ${inside}\n/ on (${by}) (${all} > 0)`, labels },
  ];
}

function burnAlert(objective: Objective, limit: Limit, burn: Burn, links: Links): AlertRule {
  const { id, target } = objective;
  const { longMs, shortMs, severity, above, budgetShare } = burn;
  const alert = 'CallspanBudgetBurn';
  const own: Matcher = ['objective', '=', id];
  const limitMs = objective.level === 'critical' ? limit.criticalMs : limit.warningMs;
  const long = formatDuration(longMs);
  const percent = Number((target * 100).toFixed(4));
  const labels = ['objective', 'burn_window', ...BY];
  return alarm({
    alert,
    severity,
    expr: [
      `${select(objectiveRatio(longMs), [own])} > ${above}`,
      `and ${select(objectiveRatio(shortMs), [own])} > ${above}`,
      `and ${select(objectiveExecutions(longMs), [own])} >= ${limit.minExecutions}`,
    ].join('\n'),
    labels: { objective: id, burn_window: long },
    annotations: {
      summary: `${limit.stage} in {{ $labels.${Label.service} }}: {{ $value | humanizePercentage }} of the last ${long} took over ${limitMs} ms, and ${percent}% of ${formatDuration(objective.windowMs)} are to be within it`,
      description: `More than ${Number((budgetShare * 100).toFixed(3))}% of what ${formatDuration(objective.windowMs)} allow is gone in ${long}${since(alert, severity, labels)}.`,
      runbook_url: runbook(alert, links),
      ...spanLinks(
        `span.${Attr.stage} = ${quote(limit.stage)} && duration > ${limitMs}ms`,
        { alert, severity, labels, windowMs: longMs },
        links,
      ),
    },
  });
}
