import { formatDuration } from '../../durations.ts';
import type { Limit } from '../../model.ts';
import { BY_EXECUTION, Label, literal, type Matcher } from './promql.ts';

/** Labels by which an alert of a limit is the same one. */
export const OWN_LABELS = ['limit', ...BY_EXECUTION] as const;

/** Names of the series that rules record of a limit; the window is in them, because rows may differ. */
export function recordsOf({ windowMs }: Pick<Limit, 'windowMs'>) {
  const window = formatDuration(windowMs);
  return {
    executions: `callspan:limit_executions:increase${window}`,
    over: `callspan:limit_over:increase${window}`,
    overRatio: `callspan:limit_over:ratio${window}`,
  } as const;
}

/** Which series a limit is about: its stage, and its provider or all that have no row of their own. */
export function matchersOf({ stage, provider, exceptProviders }: Limit): readonly Matcher[] {
  const ofStage: Matcher = [Label.stage, '=', stage];
  if (provider !== undefined) return [ofStage, [Label.provider, '=', provider]];
  if (exceptProviders.length === 0) return [ofStage];
  return [ofStage, [Label.provider, '!~', exceptProviders.map(literal).join('|')]];
}
