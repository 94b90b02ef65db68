/** Messages of a media stream, as far as they are measured (https://www.twilio.com/docs/voice/media-streams/websocket-messages). */
export type StreamMessage = { readonly streamSid: unknown } & (
  | {
      readonly event: 'media';
      readonly sequence: number;
      readonly timestampMs: number;
      readonly payload: string;
      readonly isInbound: boolean;
    }
  | { readonly event: 'mark'; readonly sequence: number; readonly name: string }
  | { readonly event: 'clear' | 'stop' | 'start' | 'other' }
);

/** What may come or go on a stream and is not measured. */
const OTHERS: readonly unknown[] = ['connected', 'dtmf'];

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a message of either direction; undefined for anything that is none. Numbers travel as strings; a missing sequence
 * number or time is NaN.
 */
export function readStreamMessage(text: string): StreamMessage | undefined {
  const message = parseObject(text);
  if (!message || typeof message.event !== 'string') return undefined;
  const { event, streamSid } = message;
  if (event === 'media') return readMedia(message);
  if (event === 'mark') {
    const { name } = fieldsOf(message.mark);
    return typeof name === 'string'
      ? { event, streamSid, sequence: toNumber(message.sequenceNumber), name }
      : undefined;
  }
  if (event === 'clear' || event === 'stop' || event === 'start') return { event, streamSid };
  return OTHERS.includes(event) ? { event: 'other', streamSid } : undefined;
}

/** The message as an object; undefined when it is not JSON or no object. */
export function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function readMedia(message: Fields): StreamMessage | undefined {
  const { payload, timestamp, track } = fieldsOf(message.media);
  if (typeof payload !== 'string' || payload === '') return undefined;
  const sequence = toNumber(message.sequenceNumber);
  const { streamSid } = message;
  return {
    event: 'media',
    streamSid,
    sequence,
    timestampMs: toNumber(timestamp),
    payload,
    isInbound: track !== 'outbound',
  };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** A number, or the text of one; NaN for anything else. */
export function toNumber(value: unknown): number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
}
