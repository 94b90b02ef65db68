import { formatDuration } from '../../durations.ts';
import { figure, select } from './promql.ts';
import type { RecordingRule } from './rule-file.ts';

/** 1 at each evaluation: says for how long somebody has been looking. */
export const RULES_RUNNING = 'callspan:rules_running';

/** Of so many evaluations one may be missing before a look counts as interrupted. */
const ONE_LATE_OF = 6;

/** The first rule of a group that asks {@link lookedFor}. */
export function runningRule(group: string): RecordingRule {
  return { record: RULES_RUNNING, expr: 'vector(1)', labels: { group } };
}

/**
 * PromQL, true when the rules have been evaluated all through the last `lookedMs`: without it everything is missing when
 * Prometheus has just started.
 */
export function lookedFor(group: string, lookedMs: number, evaluationMs: number): string {
  const running = select(RULES_RUNNING, [['group', '=', group]]);
  return `count_over_time(${running}[${formatDuration(lookedMs)}]) >= ${enoughEvaluations(lookedMs, evaluationMs)}`;
}

/** How many evaluations within `lookedMs` are all of them, but for the late ones. */
export function enoughEvaluations(lookedMs: number, evaluationMs: number): number {
  const evaluations = Math.floor(figure(lookedMs / evaluationMs));
  return Math.max(1, evaluations - Math.floor(evaluations / ONE_LATE_OF));
}
