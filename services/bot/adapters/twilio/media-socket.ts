import type { RawData, WebSocket } from 'ws';
import { decodeMulaw, MULAW_SILENCE } from '../../../line/mulaw.ts';
import type { CallLine } from '../../domain/ports.ts';
import { type MediaMessage, parseMediaMessage, type StartMessage } from './media-messages.ts';

const FRAME_BYTES = 160;
/** A stream that has not introduced itself by then is closed. */
const START_TIMEOUT_MS = 5000;
const MAX_BAD_MESSAGES = 20;
/** More than this waiting in the socket means that the peer does not read: going on would fill memory. */
const MAX_BUFFERED_BYTES = 1_048_576;

const POLICY_VIOLATION = 1008;
const UNSUPPORTED_DATA = 1003;
const TRY_AGAIN_LATER = 1013;
const NORMAL = 1000;

/** What a media stream's owner is told. After `closed` nothing more comes. */
export type MediaHandlers = {
  /** Before `frame`, a message that is one whole frame: who measures the line need not decode it again. */
  readonly decoded?: (samples: Int16Array, timestampMs: number, sequenceNumber: number | undefined) => void;
  /** A whole 20 ms frame, PCM16 8 kHz, with its media time. */
  readonly frame: (samples: Int16Array, timestampMs: number) => void;
  readonly mark: (name: string) => void;
  readonly dtmf: () => void;
  /** `stopped`: Twilio said stop. `broken`: the socket ended without, or was closed for what came over it. */
  readonly closed: (how: 'stopped' | 'broken') => void;
};

/** Accepts a stream, or says why not: a closed code, short enough for a close frame. */
export type Introduction = { readonly accept: (line: CallLine) => MediaHandlers } | { readonly refuse: string };

/** Decides about streams. */
export type MediaOwner = {
  /** Asked at the start event; nothing is allocated for a call before. */
  introduce(start: StartMessage): Introduction;
  /** The stream never introduced itself. */
  neverStarted(): void;
};

/** Speaks Twilio's Media Streams protocol on one socket. */
export function serveMediaStream(socket: WebSocket, owner: MediaOwner): void {
  const stream = new MediaStream(socket, owner);
  // First of all listeners: a frame over the limit is an error event, and without a listener the process would die of it.
  socket.on('error', () => undefined);
  socket.on('message', (data: RawData, isBinary: boolean) => stream.message(data, isBinary));
  socket.on('close', () => stream.closed());
}

class MediaStream {
  readonly #socket: WebSocket;
  readonly #owner: MediaOwner;
  readonly #startTimer: NodeJS.Timeout;
  #handlers: MediaHandlers | undefined;
  #streamSid = '';
  #closing = false;
  #badMessages = 0;

  constructor(socket: WebSocket, owner: MediaOwner) {
    this.#socket = socket;
    this.#owner = owner;
    this.#startTimer = setTimeout(() => this.#neverStarted(), START_TIMEOUT_MS);
    this.#startTimer.unref();
  }

  message(data: RawData, isBinary: boolean): void {
    if (this.#closing) return;
    const message = isBinary ? undefined : parseMediaMessage(data.toString());
    if (isBinary) this.#close(UNSUPPORTED_DATA, 'binary_frame');
    else if (message?.event === 'start') this.#start(message);
    else if (message && message.event !== 'connected' && this.#handlers && message.streamSid === this.#streamSid) {
      this.#handle(message, this.#handlers);
    } else if (message?.event !== 'connected') this.#bad();
  }

  closed(): void {
    clearTimeout(this.#startTimer);
    this.#end('broken');
  }

  #start(message: StartMessage): void {
    if (this.#handlers) {
      this.#bad();
      return;
    }
    clearTimeout(this.#startTimer);
    const introduction = this.#owner.introduce(message);
    if ('refuse' in introduction) {
      this.#close(POLICY_VIOLATION, introduction.refuse);
      return;
    }
    this.#streamSid = message.streamSid;
    this.#handlers = introduction.accept(this.#line());
  }

  #handle(message: Exclude<MediaMessage, { event: 'connected' | 'start' }>, handlers: MediaHandlers): void {
    switch (message.event) {
      case 'media':
        // The outbound track is our own voice: hearing it would be talking to oneself.
        if (message.media.track === 'inbound') this.#frame(message, handlers);
        else this.#bad();
        break;
      case 'mark':
        handlers.mark(message.mark.name);
        break;
      case 'dtmf':
        handlers.dtmf();
        break;
      case 'stop':
        this.#end('stopped');
        this.#close(NORMAL, 'stopped');
        break;
    }
  }

  #frame({ sequenceNumber, media }: MediaMessage & { event: 'media' }, handlers: MediaHandlers): void {
    const { timestamp: timestampMs } = media;
    const bytes = Buffer.from(media.payload, 'base64');
    if (bytes.length === 0 || !Number.isFinite(timestampMs)) {
      this.#bad();
      return;
    }
    for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
      const frame = bytes.subarray(at, at + FRAME_BYTES);
      const filler = Buffer.alloc(FRAME_BYTES - frame.length, MULAW_SILENCE);
      const samples = decodeMulaw(filler.length === 0 ? frame : Buffer.concat([frame, filler]));
      if (bytes.length === FRAME_BYTES) handlers.decoded?.(samples, timestampMs, sequenceNumber);
      handlers.frame(samples, timestampMs + at / 8);
    }
  }

  #line(): CallLine {
    const send = (message: object) => {
      if (this.#socket.readyState !== this.#socket.OPEN) return;
      if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) this.#close(TRY_AGAIN_LATER, 'line_does_not_read');
      else this.#socket.send(JSON.stringify({ ...message, streamSid: this.#streamSid }));
    };
    return {
      sendMedia: (payload) => send({ event: 'media', media: { payload: Buffer.from(payload).toString('base64') } }),
      sendMark: (name) => send({ event: 'mark', mark: { name } }),
      sendClear: () => send({ event: 'clear' }),
      hangUp: () => this.#close(NORMAL, 'hang_up'),
    };
  }

  #bad(): void {
    this.#badMessages += 1;
    if (this.#badMessages > MAX_BAD_MESSAGES) this.#close(POLICY_VIOLATION, 'too_many_bad_messages');
  }

  #neverStarted(): void {
    this.#owner.neverStarted();
    this.#close(POLICY_VIOLATION, 'no_start');
  }

  /** Whatever comes after our close frame is not listened to: the call is over now, not when the peer answers. */
  #close(code: number, reason: string): void {
    clearTimeout(this.#startTimer);
    if (this.#closing) return;
    this.#closing = true;
    this.#socket.close(code, reason);
    this.#end('broken');
  }

  #end(how: 'stopped' | 'broken'): void {
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.closed(how);
  }
}
