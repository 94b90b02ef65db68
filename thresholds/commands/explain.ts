import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadThresholds, THRESHOLDS_FILE } from '../config.ts';
import { ownAlertName } from '../generate/rules/own.ts';
import type { AlertRule, Rule } from '../generate/rules/rule-file.ts';
import { listRuleGroups } from '../generate/rules.ts';
import type { Limit, OwnRule, Thresholds } from '../model.ts';
import { findNearest } from '../nearest.ts';
import { COUNTED_IDS } from '../resolve.ts';
import { type Command, UsageError } from './command.ts';
import { describeLimitAlert, figure, plainSummary, variablesOf } from './words.ts';

/** `explain [ID] [--file FILE]`: every limit in words, what overrides it and what it becomes. */
export const explainCommand: Command = {
  usage: 'explain [ID] [--file FILE]',
  purpose:
    'each limit in words, the variables that override it and the rules it becomes; ID: a limit, an own rule or an alert',
  run(args, { env, print }) {
    const { id, file } = readArguments(args);
    const thresholds = loadThresholds({ file, env });
    const written = loadThresholds({ file, env: {} });
    const paragraphs = explain(thresholds, written);
    const wanted = paragraphs.filter((paragraph) => id === undefined || isNamed(paragraph, id));
    if (id !== undefined && wanted.length === 0) throw new UsageError(explainUnknown(id, paragraphs));
    for (const { lines } of wanted) print(`${lines.join('\n')}\n`);
    return 0;
  },
};

/** By its id, or by an alert that it becomes. */
function isNamed({ id, lines }: Paragraph, name: string): boolean {
  return id === name || lines.some((line) => line.trimStart().startsWith(`${name} (`));
}

function explainUnknown(id: string, paragraphs: readonly Paragraph[]): string {
  const ids = [...new Set(paragraphs.map((paragraph) => paragraph.id))];
  const nearest = findNearest(id, ids);
  return `there is no ${id} in the file${nearest ? ` (did you mean ${nearest}?)` : `; there are ${ids.join(', ')}`}`;
}

function readArguments(args: readonly string[]): { readonly id: string | undefined; readonly file: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { file: { type: 'string' } },
      allowPositionals: true,
    });
    if (positionals.length > 1) throw new UsageError('explain takes one id, or none');
    return { id: positionals[0], file: values.file === undefined ? THRESHOLDS_FILE : resolve(values.file) };
  } catch (error) {
    throw error instanceof UsageError
      ? error
      : new UsageError(`explain: ${(error as Error).message.split('. ', 1)[0]}`);
  }
}

/** What is said of one thing of the file. */
export type Paragraph = { readonly id: string; readonly lines: readonly string[] };

/**
 * The whole file in words; every alert that is made of it is in it.
 * @param written the same file without the environment
 */
export function explain(thresholds: Thresholds, written: Thresholds): readonly Paragraph[] {
  const rules = Object.values(listRuleGroups(thresholds)).flatMap((groups) => groups.flatMap((group) => group.rules));
  const ids = new Set<string>([...thresholds.limits.map(({ id }) => id), ...COUNTED_IDS]);
  const own = new Map(thresholds.ownRules.map((rule) => [ownAlertName(rule), rule]));
  const others = rules.filter(
    (rule): rule is AlertRule => 'alert' in rule && !ids.has(rule.labels.limit ?? '') && !own.has(rule.alert),
  );
  const around = { thresholds, written, rules };
  return [
    ...thresholds.limits.map((limit) => explainLimit(limit, around)),
    ...COUNTED_IDS.map((id) => explainCounted(id, around)),
    ...others.map(explainAlert),
    ...rules.flatMap((rule) => {
      const written = 'alert' in rule ? own.get(rule.alert) : undefined;
      return 'alert' in rule && written ? [explainOwn(written, rule)] : [];
    }),
  ];
}

function explainOwn({ id, expr }: OwnRule, alert: AlertRule): Paragraph {
  const [name = '', ...said] = explainAlert(alert).lines;
  return {
    id,
    lines: [`${id}: a rule of your own`, `  ${name}`, ...said.map((line) => `  ${line}`), `    ${expr.trim()}`],
  };
}

type Around = { readonly thresholds: Thresholds; readonly written: Thresholds; readonly rules: readonly Rule[] };

function explainLimit(limit: Limit, { thresholds, written, rules }: Around): Paragraph {
  const inFile = written.limits.find(({ id }) => id === limit.id);
  const own = rules.filter((rule) => rule.labels?.limit === limit.id);
  const alerts = own.filter((rule) => 'alert' in rule);
  const records = new Set(own.flatMap((rule) => ('record' in rule ? [rule.record] : [])));
  return {
    id: limit.id,
    lines: [
      `${limit.id}: ${describeWhose(limit)}`,
      `  warning ${figure(limit.warningMs, inFile?.warningMs)}, critical ${figure(limit.criticalMs, inFile?.criticalMs)}`,
      ...variablesOf(limit.id).map((variable) => `    ${variable}`),
      ...alerts.map(
        (alert) => `  ${alert.alert} (${alert.labels.severity}): ${describeLimitAlert(limit, alert, thresholds)}`,
      ),
      `  records ${[...records].join(', ')}`,
    ],
  };
}

function describeWhose({ stage, provider, exceptProviders }: Limit): string {
  if (provider !== undefined) return `executions of ${stage} by ${provider}`;
  return exceptProviders.length === 0
    ? `executions of ${stage}`
    : `executions of ${stage}, not those by ${exceptProviders.join(', ')}`;
}

function explainCounted(id: (typeof COUNTED_IDS)[number], { thresholds, written, rules }: Around): Paragraph {
  const of = ({ deadAir, eventLoopBlocked }: Thresholds) => (id === 'dead_air' ? deadAir : eventLoopBlocked);
  const [figures, inFile] = [of(thresholds), of(written)];
  const alerts = rules.filter((rule) => 'alert' in rule && rule.labels.limit === id);
  return {
    id,
    lines: [
      `${id}: every single one counts`,
      `  warning ${figure(figures.warningMs, inFile.warningMs)}, critical ${figure(figures.criticalMs, inFile.criticalMs)}`,
      ...variablesOf(id).map((variable) => `    ${variable}`),
      ...alerts.map((rule) =>
        'alert' in rule ? `  ${rule.alert} (${rule.labels.severity}): ${plainSummary(rule)}` : '',
      ),
    ],
  };
}

function explainAlert(alert: AlertRule): Paragraph {
  const held = alert.for === undefined ? '' : `, for ${alert.for}`;
  const named = Object.entries(alert.labels).filter(([label]) => label !== 'severity');
  const labels = named.map(([label, value]) => `${label} ${value}`).join(', ');
  return {
    id: alert.alert,
    lines: [
      `${alert.alert} (${alert.labels.severity}${held})${labels === '' ? '' : `: ${labels}`}`,
      `  ${plainSummary(alert)}`,
    ],
  };
}
