import type { RawData } from 'ws';
import { parseObject } from '../media/messages.ts';
import { objectAt, textAt } from '../model/answer-facts.ts';
import { textOf } from '../tap/probe-marks.ts';

/** Longer messages are never `connected`, `start` or `stop`. */
const LONGEST_CONTROL = 16_384;
const STOP = '"stop"';
const EVENT = /"event"\s*:\s*"(media|clear)"/;

/** What Twilio says of a media stream when it starts. */
export type StreamStart = { readonly callSid: string; readonly streamSid: string; readonly accountSid: string };

/** A message of a media stream that is no audio, as an object; undefined for anything else. */
export function readControl(data: RawData | string, isBinary: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isBinary === true) return undefined;
  const text = textOf(data);
  return text.length > LONGEST_CONTROL ? undefined : parseObject(text);
}

/** Reads Twilio's `start` message (https://www.twilio.com/docs/voice/media-streams/websocket-messages#start-message); undefined for any other. */
export function readStart(message: Readonly<Record<string, unknown>>): StreamStart | undefined {
  const start = message.event === 'start' ? objectAt(message, 'start') : undefined;
  const callSid = textAt(start, 'callSid');
  const streamSid = textAt(start, 'streamSid') ?? textAt(message, 'streamSid');
  if (!callSid || !streamSid) return undefined;
  return { callSid, streamSid, accountSid: textAt(start, 'accountSid') ?? '' };
}

/** Whether a message is Twilio's `stop`; frames of audio are not parsed for it. */
export function isStop(data: RawData | string, isBinary: unknown): boolean {
  const mayBe = Buffer.isBuffer(data) || typeof data === 'string' ? data.includes(STOP) : true;
  return mayBe && readControl(data, isBinary)?.event === 'stop';
}

/** Audio or a `clear` that a bot sends; undefined for anything else. */
export function readSending(text: string): { readonly event: 'media' | 'clear'; readonly audio: Buffer } | undefined {
  const event = EVENT.exec(text)?.[1] as 'media' | 'clear' | undefined;
  if (!event) return undefined;
  const payload = event === 'media' ? textAt(objectAt(parseObject(text), 'media'), 'payload') : undefined;
  return { event, audio: Buffer.from(payload ?? '', 'base64') };
}
