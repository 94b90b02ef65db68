import type { RawData } from 'ws';
import type { CallObserver } from '../call/observer.ts';
import { FRAME_MS } from '../media/mulaw.ts';

/** Compact JSON of a media message, as Twilio and bots write it. */
const BEGINNING = '{"event":"media"';
const BEGINNING_BYTES = Buffer.from(BEGINNING);

/** Takes what has waited, in the order in which it passed the socket. */
export type FrameReader = {
  heard(data: RawData, arrivedAtMs: number): void;
  sent(text: string, sentAtMs: number): void;
  /** One of the two threw; the next frame is looked at all the same. */
  failed(error: unknown): void;
};

/** Room for the messages that wait, and for their times; used again when it has been looked through. */
type Room = { readonly messages: (RawData | string | undefined)[]; readonly timesMs: Float64Array };

/**
 * Frames of both directions that have passed the socket and have not been looked at, with their monotonic times: one after
 * the other they cost a fraction of what each costs alone. Whoever needs to know what the line has done until now calls
 * `take` first.
 */
export class WaitingFrames {
  readonly #reader: FrameReader;
  /** So many are looked at together. */
  readonly #together: number;
  #room: Room;
  #spare: Room | undefined;
  #count = 0;

  /** @param lookEveryMs frames of one direction wait so long, milliseconds of a telephone */
  constructor(reader: FrameReader, lookEveryMs: number) {
    this.#reader = reader;
    this.#together = Math.max(1, Math.round(lookEveryMs / FRAME_MS));
    this.#room = createRoom(this.#together);
  }

  /** When the frame that has waited longest passed the socket; infinity when none waits. */
  get sinceMs(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : (this.#room.timesMs[0] ?? 0);
  }

  /** A message that was heard (bytes) or sent (text). */
  add(message: RawData | string, atMs: number): void {
    const { messages, timesMs } = this.#room;
    messages[this.#count] = message;
    timesMs[this.#count] = atMs;
    this.#count += 1;
    if (this.#count >= this.#together) this.take();
  }

  /** Looks at everything that waits. */
  take(): void {
    const count = this.#count;
    if (count === 0) return;
    const room = this.#room;
    // Who is told of a frame may ask for those that have come since.
    this.#room = this.#spare ?? createRoom(this.#together);
    this.#spare = undefined;
    this.#count = 0;
    for (let at = 0; at < count; at += 1) {
      const message = room.messages[at];
      room.messages[at] = undefined;
      const atMs = room.timesMs[at] ?? 0;
      try {
        if (typeof message === 'string') this.#reader.sent(message, atMs);
        else if (message) this.#reader.heard(message, atMs);
      } catch (error) {
        this.#reader.failed(error);
      }
    }
    this.#spare = room;
  }
}

function createRoom(frames: number): Room {
  return { messages: Array.from({ length: frames }, () => undefined), timesMs: new Float64Array(frames) };
}

/** True for the bytes of what is, by its beginning, a media message: it may wait. */
export function looksLikeFrame(data: RawData): data is Buffer {
  if (!(data instanceof Uint8Array) || data.length <= BEGINNING_BYTES.length) return false;
  // From the end, where the names of the messages differ.
  for (let at = BEGINNING_BYTES.length - 1; at >= 0; at -= 1) if (data[at] !== BEGINNING_BYTES[at]) return false;
  return true;
}

/** The same for text. */
export function looksLikeFrameText(text: string): boolean {
  return text.startsWith(BEGINNING);
}

/** An observer that has `work` done before any other after it is told of anything. */
export function tellFirst(work: () => void): Required<CallObserver> {
  return {
    turnStarted: work,
    turnCommitted: work,
    fillerChanged: work,
    turnEnding: work,
    stageStarted: work,
    stageFirstOutput: work,
    stageEnding: work,
    callEnding: work,
  };
}
