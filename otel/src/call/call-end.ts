import { wrongOption } from '../check-options.ts';
import { CALL_END_REASONS, CALL_OUTCOMES } from '../conventions/closed-labels.ts';
import type { CallEnd } from './call.ts';
import { closedWord } from './closed-word.ts';

/** Reads how a bot says that its call ends: in the middle of it, so that nothing may be thrown. */
export function readCallEnd(told: unknown): { readonly end: CallEnd; readonly error: TypeError | undefined } {
  const isObject = typeof told === 'object' && told !== null;
  const end: Partial<CallEnd> = isObject ? told : {};
  const reason = closedWord('call.end: reason', end.reason, CALL_END_REASONS);
  const outcome = closedWord('call.end: outcome', end.outcome, CALL_OUTCOMES);
  const error = isObject
    ? (reason.error ?? outcome.error)
    : wrongOption('the argument of call.end', told, '{ reason, outcome }');
  return { end: { ...end, reason: reason.word, outcome: outcome.word }, error };
}
