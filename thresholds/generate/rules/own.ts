import { formatDuration } from '../../durations.ts';
import type { OwnRule, Thresholds } from '../../model.ts';
import { alarm, type RuleGroup } from './rule-file.ts';
import { type Links, runbook } from './words.ts';

/** `expensive_calls` is `CallspanOwnExpensiveCalls`. */
export function ownAlertName({ id }: Pick<OwnRule, 'id'>): string {
  const words = id.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '');
  return `CallspanOwn${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
}

/** Rules written by hand in the thresholds file. All share one runbook. */
export function ownGroups({ ownRules, evaluationMs }: Thresholds, links: Links): readonly RuleGroup[] {
  if (ownRules.length === 0) return [];
  const rules = ownRules.map((rule) =>
    alarm({
      alert: ownAlertName(rule),
      severity: rule.severity,
      expr: rule.expr,
      forMs: rule.forMs,
      keepFiringForMs: rule.keepFiringForMs,
      labels: { ...rule.labels },
      annotations: {
        summary: rule.summary,
        description: `The rule ${rule.id} of the thresholds file.`,
        runbook_url: runbook('CallspanOwnRule', links),
      },
    }),
  );
  return [{ name: 'callspan-own', interval: formatDuration(evaluationMs), rules }];
}
