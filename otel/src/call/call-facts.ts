import type { Attributes } from '@opentelemetry/api';
import { Attr } from '../conventions/index.ts';
import type { CallEnd, CallInfo } from './call.ts';
import type { TurnState } from './turn.ts';

/** The turn in which the bot speaks first; the others are the caller's. */
const GREETING = 0;

/** What stands on the span of a call from its start. */
export function callAttributes(info: CallInfo): Attributes {
  return {
    ...(info.callSid ? { [Attr.callSid]: info.callSid } : {}),
    ...(info.streamSid ? { [Attr.streamSid]: info.streamSid } : {}),
    ...(info.accountSid ? { [Attr.accountSid]: info.accountSid } : {}),
    [Attr.callDirection]: info.direction ?? 'inbound',
    ...(info.language ? { [Attr.callLanguage]: info.language } : {}),
    ...(info.callerHash ? { [Attr.callerHash]: info.callerHash } : {}),
  };
}

/** What the kit counts of a call that ends; the bot's own figures go before them. */
export function countsOf(turns: readonly TurnState[], durationMs: number): Attributes {
  const callerTurns = turns.filter(({ trace }) => trace.index !== GREETING).length;
  return { [Attr.callTurns]: callerTurns, [Attr.callDurationMs]: Math.round(Math.max(0, durationMs)) };
}

/** The labels with which a call that has ended is counted. */
export function endLabels(info: CallInfo, { reason, outcome }: Pick<CallEnd, 'reason' | 'outcome'>): Attributes {
  return {
    [Attr.callOutcome]: outcome,
    [Attr.callEndReason]: reason,
    [Attr.callDirection]: info.direction ?? 'inbound',
    [Attr.callLanguage]: info.language ?? 'none',
    caller: info.isReturning ? 'returning' : 'new',
  };
}
