import { wrongOption } from '../check-options.ts';
import type { CallInfo } from './call.ts';

/** What a call is started with, whatever was told: an id that is none is empty. `error` says the first thing that is wrong. */
export type ReadCallInfo = { readonly info: CallInfo; readonly error: TypeError | undefined };

/** Reads what a bot tells of a call that starts: in the middle of it, so that nothing may be thrown. */
export function readCallInfo(told: unknown): ReadCallInfo {
  if (typeof told !== 'object' || told === null) {
    const error = wrongOption('the argument of startCall', told, '{ callSid, streamSid, accountSid }');
    return { info: { callSid: '', streamSid: '', accountSid: '' }, error };
  }
  const info = told as CallInfo;
  const { callSid, streamSid, accountSid } = info;
  const ids = { callSid: idOf(callSid), streamSid: idOf(streamSid), accountSid: idOf(accountSid) };
  if (!ids.callSid) return { info: { ...info, ...ids }, error: wrongId('callSid', callSid, 'the id of the call') };
  if (!ids.streamSid) {
    return { info: { ...info, ...ids }, error: wrongId('streamSid', streamSid, 'the id of the media stream') };
  }
  return { info: accountSid === ids.accountSid ? info : { ...info, ...ids }, error: undefined };
}

function idOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function wrongId(name: string, value: unknown, expected: string): TypeError {
  return wrongOption(`startCall: ${name}`, value, expected);
}
