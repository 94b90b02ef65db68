import type { RawData } from 'ws';
import type { CallObserver } from '../call/observer.ts';
import { FRAME_MS } from '../media/mulaw.ts';

/** Compact JSON of a media message, as Twilio and bots write it. */
const BEGINNING = '{"event":"media"';
const BEGINNING_BYTES = Buffer.from(BEGINNING);

/** Where a frame lies in its stream. */
type FramePlace = {
  /** Twilio's `sequenceNumber`; NaN when the message had none. */
  readonly sequence: number;
  /** Media time of its beginning. */
  readonly timestampMs: number;
};

/** A media message that was heard. */
export type HeardFrame = {
  readonly message: RawData | undefined;
  /** What it holds, with its place, when somebody has decoded it. */
  readonly samples: Int16Array | undefined;
  readonly place: FramePlace;
};

/** Takes what has waited, in the order in which it passed the socket. */
export type FrameReader = {
  heard(data: RawData, arrivedAtMs: number): void;
  decoded(samples: Int16Array, place: FramePlace, arrivedAtMs: number): void;
  sent(text: string, sentAtMs: number): void;
  /** One of the two threw; the next frame is looked at all the same. */
  failed(error: unknown): void;
};

/** Room for what waits: messages, or the audio of one with its place, and when it passed. Used again when it has been looked through. */
type Room = {
  readonly messages: (RawData | Int16Array | string | undefined)[];
  readonly timesMs: Float64Array;
  readonly sequences: Float64Array;
  readonly timestampsMs: Float64Array;
};

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

  /** A message that was heard: its audio, when the bot has handed that over. */
  addGiven({ message, samples, place }: HeardFrame, atMs: number): void {
    if (samples) {
      this.#room.sequences[this.#count] = place.sequence;
      this.#room.timestampsMs[this.#count] = place.timestampMs;
    }
    if (message) this.add(samples ?? message, atMs);
  }

  /** A message that was heard (bytes, samples) or sent (text). */
  add(message: RawData | Int16Array | string, atMs: number): void {
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
      try {
        this.#look(room, at);
      } catch (error) {
        this.#reader.failed(error);
      }
    }
    this.#spare = room;
  }

  #look(room: Room, at: number): void {
    const message = room.messages[at];
    room.messages[at] = undefined;
    const atMs = room.timesMs[at] ?? 0;
    if (typeof message === 'string') this.#reader.sent(message, atMs);
    else if (message instanceof Int16Array) {
      const [sequence = Number.NaN, timestampMs = Number.NaN] = [room.sequences[at], room.timestampsMs[at]];
      this.#reader.decoded(message, { sequence, timestampMs }, atMs);
    } else if (message) this.#reader.heard(message, atMs);
  }
}

function createRoom(frames: number): Room {
  const figures = () => new Float64Array(frames);
  const messages = Array.from({ length: frames }, () => undefined);
  return { messages, timesMs: figures(), sequences: figures(), timestampsMs: figures() };
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
