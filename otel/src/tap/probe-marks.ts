import type { RawData } from 'ws';
import { parseObject } from '../media/messages.ts';
import type { Sending } from './socket-seam.ts';

const PREFIX = 'callspan:';
const MARK_KEY = '"mark"';

/** Name of the kit's mark number `count`, from 1: `callspan:<n>`. The bot never sees one. */
export function probeName(count: number): string {
  return `${PREFIX}${count}`;
}

/** True for the name of one of the `sent` marks that the kit has sent. */
export function isProbeName(name: string, sent: number): boolean {
  const count = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length)) : 0;
  return count >= 1 && count <= sent && name === probeName(count);
}

/** The message that sends a mark. */
export function markText(streamSid: unknown, name: string): string {
  return JSON.stringify({ event: 'mark', streamSid, mark: { name } });
}

/** False for every message that holds no mark, without parsing it: base64 has no quotes. */
export function hasMark(data: RawData): boolean {
  return Buffer.isBuffer(data) ? data.includes(MARK_KEY) : textOf(data).includes(MARK_KEY);
}

/** A message as text, in whichever form the socket gives it. */
export function textOf(data: RawData | string): string {
  if (typeof data === 'string') return data;
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}

/**
 * Sends a message of audio with a mark after its first `at` bytes. The bytes stay the same in the same order; every other
 * field of the message stays on both halves.
 */
export function splitMedia(
  text: string,
  audio: Buffer,
  { at, markName }: { readonly at: number; readonly markName: string },
): Sending {
  const message = parseObject(text) ?? {};
  const mark = markText(message.streamSid, markName);
  if (at >= audio.length) return { followBy: mark };
  const half = (bytes: Buffer) =>
    JSON.stringify({ ...message, media: { ...(message.media as object), payload: bytes.toString('base64') } });
  return { replaceBy: [half(audio.subarray(0, at)), mark, half(audio.subarray(at))] };
}
