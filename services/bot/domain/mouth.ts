import type { Clock } from '../../line/clock.ts';
import { createLedger, type Ledger } from './playout-ledger.ts';
import type { CallLine, Playout } from './ports.ts';

const FRAME_BYTES = 160;
const BYTES_PER_MS = 8;
const TICK_MS = 20;
/** Sending starts with this much, then goes at twice real time, never further ahead than the last figure. */
const BURST_MS = 200;
const PACE = 2;
const MAX_AHEAD_MS = 3000;
/** A mark that has not come back so long after its audio must have been played never will. */
const MARK_GRACE_MS = 3000;
/** Ordinary speech, about fifteen characters a second: how long a sentence is whose audio had not all come yet. */
const CHARACTER_MS = 65;
/** How long the line may take to say that it is silent after `clear`. */
const CLEAR_GRACE_MS = 500;

/** One stretch of speech: sentences of audio, each followed by a mark. */
export type Speech = {
  /** The audio that comes says `text`: told before, its words are known when the caller interrupts it half-way. */
  beginSentence(text: string): void;
  /** Queues µ-law audio. */
  add(audio: Uint8Array): void;
  /** The audio added since the last sentence says `text`. */
  endSentence(text: string): void;
  /** Nothing more comes: `done` resolves when the last of it was heard or cleared. */
  finish(): void;
  /** Resolves when the first audible frame was played, if ever. */
  readonly firstHeardAtMs: Promise<number>;
  readonly done: Promise<Playout>;
};

/** Speaks into the line: paced, marked, interruptible. One speech at a time. */
export type Mouth = {
  begin(turnIndex: number): Speech;
  /** The line played up to this mark, or threw it away after a clear. */
  heardMark(name: string): void;
  /** Stops at once; true when there was something to be heard. */
  interrupt(): boolean;
  readonly speaking: boolean;
  close(): void;
};

type Item = { readonly audio: Uint8Array } | { readonly sentence: string };

type Current = {
  readonly ledger: Ledger;
  readonly items: Item[];
  readonly first: PromiseWithResolvers<number>;
  readonly finished: PromiseWithResolvers<Playout>;
  /** The sentence whose audio is still coming. */
  begun: string | undefined;
  complete: boolean;
  sendingSinceMs: number | undefined;
  cancelGrace: (() => void) | undefined;
  isCleared: boolean;
};

/** Speaks into `line` at the pace of `clock`. */
export function createMouth(line: CallLine, clock: Clock): Mouth {
  return new PacedMouth(line, clock);
}

class PacedMouth implements Mouth {
  readonly #line: CallLine;
  readonly #clock: Clock;
  #current: Current | undefined;
  #speeches = 0;
  #cancelTick: (() => void) | undefined;

  constructor(line: CallLine, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  get speaking(): boolean {
    return this.#current !== undefined;
  }

  begin(turnIndex: number): Speech {
    if (this.#current) this.#settle(this.#current, true);
    this.#speeches += 1;
    const speech: Current = {
      ledger: createLedger(`t${turnIndex}.${this.#speeches}`, this.#clock),
      items: [],
      first: Promise.withResolvers(),
      finished: Promise.withResolvers(),
      begun: undefined,
      complete: false,
      sendingSinceMs: undefined,
      cancelGrace: undefined,
      isCleared: false,
    };
    this.#current = speech;
    const queue = (item: Item) => {
      // What arrives after a clear belongs to nobody.
      if (this.#current !== speech || speech.isCleared) return;
      speech.items.push(item);
      this.#wake();
    };
    return {
      beginSentence: (text) => {
        speech.begun = text;
      },
      add: (audio) => {
        if (audio.length > 0) queue({ audio });
      },
      endSentence: (text) => {
        if (!speech.isCleared) speech.begun = undefined;
        queue({ sentence: text });
      },
      finish: () => {
        speech.complete = true;
        if (this.#current === speech) this.#wake();
      },
      firstHeardAtMs: speech.first.promise,
      done: speech.finished.promise,
    };
  }

  heardMark(name: string): void {
    const speech = this.#current;
    if (!speech?.ledger.ack(name, speech.isCleared)) return;
    if (speech.isCleared) {
      this.#settle(speech, true);
      return;
    }
    if (speech.ledger.startedAtMs !== undefined) speech.first.resolve(speech.ledger.startedAtMs);
    if (speech.complete && speech.items.length === 0 && speech.ledger.marksPending === 0) this.#settle(speech, false);
  }

  interrupt(): boolean {
    const speech = this.#current;
    if (!speech || speech.isCleared) return false;
    if (speech.ledger.sentMs === 0) {
      this.#settle(speech, true);
      return false;
    }
    speech.cancelGrace?.();
    speech.isCleared = true;
    cutShort(speech);
    this.#line.sendClear();
    if (speech.ledger.marksPending === 0) this.#settle(speech, true);
    else speech.cancelGrace = this.#clock.after(CLEAR_GRACE_MS, () => this.#settle(speech, true));
    return true;
  }

  close(): void {
    if (this.#current) this.#settle(this.#current, true);
  }

  #wake(): void {
    if (!this.#cancelTick) this.#tick();
  }

  #tick(): void {
    this.#cancelTick = undefined;
    const speech = this.#current;
    if (!speech || speech.isCleared) return;
    sendDue(speech, this.#line, this.#clock);
    if (speech.items.length > 0) this.#cancelTick = this.#clock.after(TICK_MS, () => this.#tick());
    else if (speech.complete && speech.ledger.marksPending === 0) this.#settle(speech, false);
    else if (speech.complete) this.#awaitMarks(speech);
  }

  #awaitMarks(speech: Current): void {
    const graceMs = Math.max(0, speech.ledger.playingUntilMs - this.#clock.now()) + MARK_GRACE_MS;
    speech.cancelGrace?.();
    speech.cancelGrace = this.#clock.after(graceMs, () => this.#settle(speech, false));
  }

  #settle(speech: Current, cleared: boolean): void {
    speech.cancelGrace?.();
    // A late timer of an earlier speech must not touch the one that is being said now.
    if (this.#current !== speech) return;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
    this.#current = undefined;
    if (cleared) cutShort(speech);
    speech.finished.resolve(speech.ledger.result(cleared, this.#clock.now()));
  }
}

/** Throws away what was not sent, after telling the ledger of the sentence that is cut: the caller heard a part of it. */
function cutShort({ ledger, items, begun }: Current): void {
  const end = items.findIndex((item) => 'sentence' in item);
  const queued = end < 0 ? items : items.slice(0, end);
  const totalMs = queued.reduce(
    (sumMs, item) => sumMs + ('audio' in item ? item.audio.length / BYTES_PER_MS : 0),
    ledger.sentOfSentenceMs,
  );
  const finished = items[end];
  if (finished && 'sentence' in finished) ledger.cutSentence(finished.sentence, totalMs);
  else if (begun !== undefined) ledger.cutSentence(begun, Math.max(totalMs, begun.length * CHARACTER_MS));
  items.length = 0;
}

/** Sends what the pace allows now. The very first frame goes alone with a mark: its echo tells when playing began. */
function sendDue(speech: Current, line: CallLine, clock: Clock): void {
  const { ledger, items } = speech;
  const now = clock.now();
  // After a pause in the audio the line's buffer is empty: the pace begins anew.
  if (speech.sendingSinceMs === undefined || ledger.playingUntilMs < now) {
    speech.sendingSinceMs = now;
    ledger.restartPace();
  }
  const elapsedMs = now - speech.sendingSinceMs;
  const allowedMs = Math.min(BURST_MS + PACE * elapsedMs, elapsedMs + MAX_AHEAD_MS);
  while (items.length > 0) {
    const item = items[0];
    if (!item) return;
    if ('sentence' in item) {
      items.shift();
      line.sendMark(ledger.sentSentence(item.sentence));
      continue;
    }
    const roomMs = allowedMs - ledger.pacedMs;
    if (roomMs < TICK_MS) return;
    const bytes = ledger.sentMs === 0 ? FRAME_BYTES : Math.floor(roomMs) * BYTES_PER_MS;
    const piece = item.audio.subarray(0, bytes);
    line.sendMedia(piece);
    const startMark = ledger.sentAudio(piece.length / BYTES_PER_MS);
    if (startMark) line.sendMark(startMark);
    if (piece.length === item.audio.length) items.shift();
    else items[0] = { audio: item.audio.subarray(piece.length) };
  }
}
