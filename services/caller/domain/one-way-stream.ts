import { MULAW_SILENCE } from '../../line/mulaw.ts';
import { FRAME_BYTES, TICK_MS } from './playout.ts';
import type { StreamTrack } from './twiml.ts';

/** Whose stream, and what of the call it carries. */
export type OneWayStreamOptions = {
  readonly accountSid: string;
  readonly callSid: string;
  readonly streamSid: string;
  readonly tracks: readonly StreamTrack[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly send: (message: string) => void;
};

/** The line's side of a unidirectional stream (https://www.twilio.com/docs/voice/media-streams/websocket-messages). */
export type OneWayStream = {
  /** Sends `connected` and `start`. */
  start(): void;
  /** Sends the 160 bytes that the caller spoke and those that play next; undefined: silence. */
  tick(spoken: Uint8Array, played: Uint8Array | undefined): void;
  /** Sends `stop`. */
  stop(): void;
};

const SILENCE = new Uint8Array(FRAME_BYTES).fill(MULAW_SILENCE);

/** A stream that has not started yet. */
export function createOneWayStream(options: OneWayStreamOptions): OneWayStream {
  const { accountSid, callSid, streamSid, tracks, parameters: customParameters } = options;
  let sequenceNumber = 0;
  let chunk = 0;
  const send = (event: string, body: object) => {
    sequenceNumber += 1;
    options.send(JSON.stringify({ event, sequenceNumber: `${sequenceNumber}`, streamSid, ...body }));
  };
  return {
    start() {
      options.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }));
      const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 };
      send('start', { start: { accountSid, streamSid, callSid, tracks, mediaFormat, customParameters } });
    },
    tick(spoken, played = SILENCE) {
      const timestamp = `${chunk * TICK_MS}`;
      chunk += 1;
      const frames = { inbound: spoken, outbound: played };
      for (const track of tracks) {
        const payload = Buffer.from(frames[track]).toString('base64');
        send('media', { media: { track, chunk: `${chunk}`, timestamp, payload } });
      }
    },
    stop: () => send('stop', { stop: { accountSid, callSid } }),
  };
}
