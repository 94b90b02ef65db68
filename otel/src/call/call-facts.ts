import type { Attributes } from '@opentelemetry/api';
import { Attr } from '../conventions/index.ts';
import type { CallEnd, CallInfo } from './call.ts';

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
