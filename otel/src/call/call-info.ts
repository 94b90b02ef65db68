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
  const direction = readDirection(info.direction);
  const language = readLanguage(info.language);
  const { direction: _direction, language: _language, ...rest } = info;
  return { info: { ...rest, ...ids, ...direction.told, ...language.told }, error: direction.error ?? language.error };
}

/** What becomes a label of figures, as far as it can be one. */
type ReadLabel = { readonly told: Partial<CallInfo>; readonly error?: TypeError };

function readDirection(direction: unknown): ReadLabel {
  if (direction === undefined) return { told: {} };
  if (direction === 'inbound' || direction === 'outbound') return { told: { direction } };
  // Twilio says how a call was begun, too: `outbound-api`, `outbound-dial`.
  if (typeof direction === 'string' && direction.startsWith('outbound-')) return { told: { direction: 'outbound' } };
  return { told: {}, error: wrongOption('startCall: direction', direction, 'inbound or outbound') };
}

/** As long as a tag of BCP 47 may reasonably be. */
const LANGUAGE = /^[A-Za-z\d-]{1,35}$/;

function readLanguage(language: unknown): ReadLabel {
  if (language === undefined || language === '') return { told: {} };
  if (typeof language === 'string' && LANGUAGE.test(language)) return { told: { language } };
  return { told: {}, error: wrongOption('startCall: language', language, 'a language tag such as fr') };
}

function idOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function wrongId(name: string, value: unknown, expected: string): TypeError {
  return wrongOption(`startCall: ${name}`, value, expected);
}
