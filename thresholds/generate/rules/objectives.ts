import { Attr } from 'callspan/conventions';
import { formatDuration } from '../../durations.ts';
import type { Limit, Objective, Severity, Thresholds } from '../../model.ts';
import { matchersOf } from './limit-records.ts';
import { figure, Label, quote, SpanMetric, select, within } from './promql.ts';
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

/** The burns of an objective by who hears of them: one alarm each, however many of its burns go on. */
export function groupBurns(objective: Objective): readonly (readonly [Severity, readonly Burn[]])[] {
  return [...Map.groupBy(listBurns(objective), ({ severity }) => severity)];
}

/**
 * Fewer executions in the long window say nothing: of so many, as many as the limit asks for at least may be slow. A single
 * slow one is within what is allowed, however few there are.
 */
export function fewestExecutions({ minExecutions }: Limit, { above }: Burn): number {
  return Math.ceil(figure(Math.max(1, minExecutions) / above));
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
        ...groupBurns(objective).map(([severity, some]) =>
          burnAlert({ objective, limit, severity, burns: some }, links),
        ),
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

type BurnAlarm = {
  readonly objective: Objective;
  readonly limit: Limit;
  readonly severity: Severity;
  readonly burns: readonly Burn[];
};

function burnAlert({ objective, limit, severity, burns }: BurnAlarm, links: Links): AlertRule {
  const { id, target } = objective;
  const alert = 'CallspanBudgetBurn';
  const limitMs = objective.level === 'critical' ? limit.criticalMs : limit.warningMs;
  const ofAll = formatDuration(objective.windowMs);
  const percent = Number((target * 100).toFixed(4));
  const labels = ['objective', ...BY];
  const says = (text: (burn: Burn) => string) => sayOfFirst({ objective, limit, burns }, text);
  const long = says(({ longMs }) => formatDuration(longMs));
  const gone = says(({ budgetShare, longMs }) => {
    const share = Number((budgetShare * 100).toFixed(3));
    return `More than ${share}% of what ${ofAll} allow is gone in ${formatDuration(longMs)}`;
  });
  return alarm({
    alert,
    severity,
    // `and` binds more tightly than `or`; of two burns that go on the first one gives the figure.
    expr: burns.map((burn) => conditions(objective, limit, burn).join('\nand ')).join('\nor '),
    labels: { objective: id },
    annotations: {
      summary: `${limit.stage} in {{ $labels.${Label.service} }}: {{ $value | humanizePercentage }} of the last ${long} took over ${limitMs} ms, and ${percent}% of ${ofAll} are to be within it`,
      description: `${gone}${since(alert, severity, labels)}.`,
      runbook_url: runbook(alert, links),
      ...spanLinks(
        `span.${Attr.stage} = ${quote(limit.stage)} && duration > ${limitMs}ms`,
        // A link that shows too much shows what the figure is about, whichever window it is of.
        { alert, severity, labels, windowMs: Math.max(...burns.map(({ longMs }) => longMs)) },
        links,
      ),
    },
  });
}

/** When a burn goes on, as PromQL: all of these. @param more matchers, each after a comma */
function conditions({ id }: Objective, limit: Limit, burn: Burn, more = ''): readonly string[] {
  const { longMs, shortMs, above } = burn;
  const of = (name: string) => `${name}{objective=${quote(id)}${more}}`;
  return [
    `${of(objectiveRatio(longMs))} > ${above}`,
    `${of(objectiveRatio(shortMs))} > ${above}`,
    `${of(objectiveExecutions(longMs))} >= ${fewestExecutions(limit, burn)}`,
  ];
}

/** What is to be said of the first burn that goes on, which is the one that the figure is of; a template. */
function sayOfFirst(
  { objective, limit, burns }: Pick<BurnAlarm, 'objective' | 'limit' | 'burns'>,
  text: (burn: Burn) => string,
): string {
  const more = BY.map((label) => `,${label}=%q`).join('');
  const values = BY.map((label) => ` $labels.${label}`).join('');
  return burns
    .map((burn) => [text(burn), conditions(objective, limit, burn, more)] as const)
    .reduceRight((others, [said, all]) => {
      const query = quote(all.join(' and '));
      // Three conditions, each about the labels of the alert.
      return others === ''
        ? said
        : `{{ if printf ${query}${values.repeat(all.length)} | query }}${said}{{ else }}${others}{{ end }}`;
    }, '');
}
