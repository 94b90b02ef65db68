import type { RawData } from 'ws';
import { parseObject } from '../media/messages.ts';
import { objectAt, textAt } from '../model/answer-facts.ts';
import { textOf } from '../tap/probe-marks.ts';

/** Longer messages are never `connected`, `start` or `stop`. */
const LONGEST_CONTROL = 16_384;
const OF_INTEREST = ['"stop"', '"mark"'];
const EVENT = /"event"\s*:\s*"(media|clear|mark)"/;

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

/** A `stop`, or the name of a `mark`, that came; undefined for anything else. Frames of audio are not parsed for it. */
export function readArrival(
  data: RawData | string,
  isBinary: unknown,
): { readonly event: 'stop' } | { readonly event: 'mark'; readonly name: string } | undefined {
  const isPlain = Buffer.isBuffer(data) || typeof data === 'string';
  if (isPlain && !OF_INTEREST.some((word) => data.includes(word))) return undefined;
  const message = readControl(data, isBinary);
  if (message?.event === 'stop') return { event: 'stop' };
  const name = message?.event === 'mark' ? textAt(objectAt(message, 'mark'), 'name') : undefined;
  return name === undefined ? undefined : { event: 'mark', name };
}

/** What a bot sends, as far as it matters to its turns. */
export type Sent =
  | { readonly event: 'media'; readonly audio: Buffer }
  | { readonly event: 'mark'; readonly name: string }
  | { readonly event: 'clear' };

/** Reads what a bot sends; undefined for anything else. */
export function readSending(text: string): Sent | undefined {
  const event = EVENT.exec(text)?.[1];
  if (event === 'clear') return { event };
  const message = event === undefined ? undefined : parseObject(text);
  if (event === 'mark') return { event, name: textAt(objectAt(message, 'mark'), 'name') ?? '' };
  if (event !== 'media') return undefined;
  return { event, audio: Buffer.from(textAt(objectAt(message, 'media'), 'payload') ?? '', 'base64') };
}
