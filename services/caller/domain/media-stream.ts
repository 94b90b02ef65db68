import { z } from 'zod';
import { createPlayout, TICK_MS } from './playout.ts';

/**
 * Whose stream, and how to reach the bot. `onWarning` gets Twilio's warnings, each number once. `returnMark` may send a mark that came back later
 * than at once, or not at all; `onClear` is told when the bot has emptied the buffer.
 */
export type MediaStreamOptions = {
  readonly accountSid: string;
  readonly callSid: string;
  readonly streamSid: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly send: (message: string, event: string) => void;
  readonly onWarning: (code: 31931 | 31950 | 31951, message: string) => void;
  readonly returnMark?: (sendMark: () => void) => void;
  readonly onClear?: () => void;
};

/** The line's side of a bidirectional media stream (https://www.twilio.com/docs/voice/media-streams/websocket-messages). */
export type MediaStream = {
  /** Sends `connected` and `start`. */
  start(): void;
  /**
   * Sends the caller's 160 bytes, returns what plays to the caller during the next 20 ms. Undefined: the frame never reached the stream; media
   * time goes on, nothing is numbered.
   */
  tick(frame: Uint8Array | undefined): Uint8Array | undefined;
  dtmf(digit: string): void;
  /** A message of the bot. */
  receive(data: string | Uint8Array): void;
  /** Sends `stop`. */
  stop(): void;
};

const mediaSchema = z.strictObject({
  event: z.literal('media'),
  streamSid: z.string(),
  media: z.strictObject({ payload: z.base64() }),
});
const markSchema = z.strictObject({
  event: z.literal('mark'),
  streamSid: z.string(),
  mark: z.strictObject({ name: z.string() }),
});
const clearSchema = z.strictObject({ event: z.literal('clear'), streamSid: z.string() });
const messageSchema = z.discriminatedUnion('event', [mediaSchema, markSchema, clearSchema]);

/** A stream that has not started yet. */
export function createMediaStream(options: MediaStreamOptions): MediaStream {
  const { accountSid, callSid, streamSid } = options;
  const warned = new Set<number>();
  let sequenceNumber = 0;
  let chunk = 0;

  const warn = (code: 31931 | 31950 | 31951, message: string) => {
    if (warned.has(code)) return;
    warned.add(code);
    options.onWarning(code, message);
  };
  const send = (event: string, body: object) => {
    sequenceNumber += 1;
    options.send(JSON.stringify({ event, sequenceNumber: `${sequenceNumber}`, streamSid, ...body }), event);
  };
  const returnMark = options.returnMark ?? ((sendMark: () => void) => sendMark());
  const playout = createPlayout((name) => returnMark(() => send('mark', { mark: { name } })));

  return {
    start() {
      options.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }), 'connected');
      const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
      const { parameters: customParameters } = options;
      send('start', { start: { accountSid, streamSid, callSid, tracks: ['inbound'], mediaFormat, customParameters } });
    },
    tick(frame) {
      const played = playout.play();
      const timestamp = `${chunk * TICK_MS}`;
      chunk += 1;
      if (!frame) return played;
      const payload = Buffer.from(frame).toString('base64');
      send('media', { media: { track: 'inbound', chunk: `${chunk}`, timestamp, payload } });
      return played;
    },
    dtmf: (digit) => send('dtmf', { dtmf: { track: 'inbound_track', digit } }),
    receive(data) {
      if (typeof data !== 'string') return warn(31950, 'the bot sent a binary message');
      const message = messageSchema.safeParse(parseJson(data));
      if (!message.success) return warn(31951, `the bot sent an invalid message: ${describe(message.error)}`);
      if (message.data.streamSid !== streamSid) return warn(31951, 'the bot sent a message with another streamSid');
      if (message.data.event === 'clear') {
        playout.clear();
        options.onClear?.();
      } else if (message.data.event === 'mark') playout.mark(message.data.mark.name);
      else if (!playout.append(Buffer.from(message.data.media.payload, 'base64')))
        warn(31931, 'more than ten minutes of audio are waiting: what came was discarded');
      return undefined;
    },
    stop: () => send('stop', { stop: { accountSid, callSid } }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'message'}: ${issue.message}` : 'unknown form';
}
