import type { Severity, Thresholds } from '../model.ts';
import type { Role } from './routes-channels.ts';
import { Label } from './rules/promql.ts';
import type { AlertRule } from './rules/rule-file.ts';
import { listRuleGroups } from './rules.ts';

/** One alarm and the receivers that must hear of it, in the order of the routes: what `amtool config routes test` is asked. */
export type RouteCase = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly receivers: readonly Role[];
};

/** Who hears what, said once more and without routes: a critical alarm wakes somebody and is read by all. */
const HEARS: Readonly<Record<Severity, readonly Role[]>> = {
  critical: ['page', 'team'],
  warning: ['team'],
  notice: ['chat'],
};

/** What no rule makes, and must not be lost or wake anybody all the same. */
const STRAYS: readonly RouteCase[] = [
  {
    name: 'a sign of life with a severity wakes nobody',
    labels: { alertname: 'Watchdog', severity: 'critical' },
    receivers: ['watchdog'],
  },
  { name: 'an alarm without severity is read by people', labels: { alertname: 'MadeElsewhere' }, receivers: ['team'] },
  {
    name: 'a severity that nobody knows is read by people',
    labels: { alertname: 'MadeElsewhere', severity: 'page' },
    receivers: ['team'],
  },
];

/** Every alarm that the rules can make, and some that they do not make. */
export function generateRouteCases(thresholds: Thresholds): readonly RouteCase[] {
  const rules = Object.values(listRuleGroups(thresholds))
    .flat()
    .flatMap((group) => group.rules);
  return [...rules.flatMap((rule) => ('alert' in rule ? [caseOf(rule)] : [])), ...STRAYS];
}

function caseOf({ alert, labels }: AlertRule): RouteCase {
  const { severity = '', ...own } = labels;
  const told = [alert, severity, ...Object.values(own)].join(' ');
  return {
    name: told,
    // What the series of the rule brings: routes must not depend on it.
    labels: { alertname: alert, [Label.service]: 'bot', [Label.stage]: 'reply', ...labels },
    receivers: alert === 'Watchdog' ? ['watchdog'] : hears(severity),
  };
}

function hears(severity: string): readonly Role[] {
  return severity in HEARS ? HEARS[severity as Severity] : ['team'];
}
