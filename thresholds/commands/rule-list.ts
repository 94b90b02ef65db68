import { parseDuration } from '../durations.ts';
import type { RuleGroup } from '../generate/rules/rule-file.ts';

/** A rule with what makes it fire or not, however it was written. */
export type ListedRule = {
  readonly group: string;
  readonly kind: 'alert' | 'record';
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly expr: string;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  /** Of its group; undefined where the engine has a default of its own. */
  readonly intervalMs?: number;
  readonly annotations: Readonly<Record<string, string>>;
};

/** Groups of ours begin so; other rules of the same Prometheus are nobody's difference. */
const OURS = /^callspan(-|$)/;

/** The rules of generated groups, or of a file that was read. */
export function listRules(groups: readonly RuleGroup[]): readonly ListedRule[] {
  return groups.filter(isOurs).flatMap(({ name: group, interval, rules }) =>
    rules.map((rule): ListedRule => {
      const isAlert = 'alert' in rule;
      return {
        group,
        kind: isAlert ? 'alert' : 'record',
        name: isAlert ? rule.alert : rule.record,
        labels: rule.labels ?? {},
        expr: rule.expr,
        forMs: isAlert ? parseDuration(rule.for ?? '0s') : 0,
        keepFiringForMs: isAlert ? parseDuration(rule.keep_firing_for ?? '0s') : 0,
        ...(interval === undefined ? {} : { intervalMs: parseDuration(interval) }),
        annotations: isAlert ? rule.annotations : {},
      };
    }),
  );
}

/** Is a group one of Callspan's? */
export function isOurs({ name }: { readonly name: string }): boolean {
  return OURS.test(name);
}

/** Kind, name and labels of a rule: what stays the same when its figures change. */
export function nameOfRule({ kind, name, labels }: ListedRule): string {
  const said = Object.keys(labels)
    .sort()
    .map((label) => `${label}=${JSON.stringify(labels[label])}`);
  return `${kind} ${name}${said.length === 0 ? '' : `{${said.join(',')}}`}`;
}
