import { formatDuration } from '../durations.ts';
import { type ListedRule, nameOfRule } from './rule-list.ts';

/** What has changed of one rule: what of it, as it runs and as the file has it. */
export type RuleChange = { readonly what: string; readonly running: string; readonly wanted: string };

/** How the rules of the file differ from those that run; each by its name, in the order of the file. */
export type RuleDifference = {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly { readonly name: string; readonly changes: readonly RuleChange[] }[];
};

/**
 * Compares rule by rule.
 * @param normalize writes an expression so that two spellings of it are one
 */
export async function compareRules(
  wanted: readonly ListedRule[],
  running: readonly ListedRule[],
  normalize: (expr: string) => Promise<string>,
): Promise<RuleDifference> {
  const [want, run] = [byName(wanted), byName(running)];
  const changed: RuleDifference['changed'][number][] = [];
  for (const [name, rule] of want) {
    const other = run.get(name);
    if (!other) continue;
    const changes = listChanges(other, rule);
    const expr = { what: 'expr', running: await normalize(other.expr), wanted: await normalize(rule.expr) };
    if (expr.running !== expr.wanted) changes.unshift(expr);
    if (changes.length > 0) changed.push({ name, changes });
  }
  return {
    added: [...want.keys()].filter((name) => !run.has(name)),
    removed: [...run.keys()].filter((name) => !want.has(name)),
    changed,
  };
}

/** Rules of the same name, such as two of one group, are told apart by their number. */
function byName(rules: readonly ListedRule[]): ReadonlyMap<string, ListedRule> {
  const named = new Map<string, ListedRule>();
  for (const rule of rules) {
    const name = nameOfRule(rule);
    let key = name;
    for (let number = 2; named.has(key); number += 1) key = `${name} #${number}`;
    named.set(key, rule);
  }
  return named;
}

function listChanges(running: ListedRule, wanted: ListedRule): RuleChange[] {
  const times = [
    { what: 'for', running: running.forMs, wanted: wanted.forMs },
    { what: 'keep_firing_for', running: running.keepFiringForMs, wanted: wanted.keepFiringForMs },
    { what: 'interval', running: running.intervalMs, wanted: wanted.intervalMs },
  ].map(({ what, ...both }) => ({ what, running: time(both.running), wanted: time(both.wanted) }));
  const keys = [...new Set([...Object.keys(running.annotations), ...Object.keys(wanted.annotations)])].sort();
  const annotations = keys.map((key) => ({
    what: `annotation ${key}`,
    running: running.annotations[key] ?? '',
    wanted: wanted.annotations[key] ?? '',
  }));
  return [...times, ...annotations].filter((change) => change.running !== change.wanted);
}

function time(durationMs: number | undefined): string {
  return durationMs === undefined ? '' : formatDuration(durationMs);
}
