import type { MediaClock } from './media-clock.ts';
import { FRAME_MS } from './mulaw.ts';

const FRAMES_KEPT = 8;
/** Frames missing beside a mark: up to so much media time it only widens the uncertainty. */
export const MAX_HOLE_MS = 40;
/** So many frames after the mark are waited for, in case two were swapped. */
const FRAMES_AFTER = 2;

/** When the line passed a mark. */
export type Passage = {
  readonly source: 'media_clock' | 'mark_ack';
  /** In continuous media time; only from the media clock. */
  readonly mediaMs: number | undefined;
  /** Monotonic milliseconds. */
  readonly atMs: number;
  /** Of our clock, either way. */
  readonly uncertaintyMs: number;
};

type Pending = {
  readonly sequence: number;
  readonly backAtMs: number;
  readonly done: (passage: Passage) => void;
  afterMs: number;
  latenessMs: number;
  framesAfter: number;
};

type Kept = { sequence: number; endMs: number; latenessMs: number };

/**
 * Finds when the line passed a mark: the frames before and after it, which the line sent in one order with it, are its
 * clock. Sequence numbers put right what was swapped on the way.
 */
export class Passages {
  readonly #clock: MediaClock;
  readonly #rate: number;
  readonly #frames: Kept[] = Array.from({ length: FRAMES_KEPT }, () => ({
    sequence: 0,
    endMs: Number.NaN,
    latenessMs: 0,
  }));
  #at = 0;
  #pending: Pending[] = [];

  /** @param rate media milliseconds per millisecond of our clock */
  constructor(clock: MediaClock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** A mark waits for the frames after it. */
  get isPending(): boolean {
    return this.#pending.length > 0;
  }

  /** A frame whose audio ends at `endMs` (continuous media time) arrived. `sequence` may be NaN. */
  frame(sequence: number, endMs: number, arrivedAtMs: number): void {
    const kept = this.#frames[this.#at % FRAMES_KEPT];
    const latenessMs = this.#clock.latenessMs(endMs, arrivedAtMs);
    this.#at += 1;
    if (kept) {
      kept.sequence = sequence;
      kept.endMs = endMs;
      kept.latenessMs = latenessMs;
    }
    if (this.#pending.length === 0) return;
    for (const pending of this.#pending) {
      pending.framesAfter += 1;
      pending.latenessMs = Math.max(pending.latenessMs, latenessMs);
      if (!(sequence < pending.sequence)) pending.afterMs = Math.min(pending.afterMs, endMs);
    }
    this.#resolve((pending) => this.#isCertain(pending));
  }

  /** A mark came back at `backAtMs`; `done` is called once, at the latest by `settle`. */
  begin(sequence: number, backAtMs: number, done: (passage: Passage) => void): void {
    const latenessMs = Math.max(0, this.#frames[(this.#at + FRAMES_KEPT - 1) % FRAMES_KEPT]?.latenessMs ?? 0);
    this.#pending.push({ sequence, backAtMs, done, afterMs: Number.POSITIVE_INFINITY, latenessMs, framesAfter: 0 });
  }

  /** Nothing more will be known: decides about all that wait. */
  settle(): void {
    this.#resolve(() => true);
  }

  #isCertain(pending: Pending): boolean {
    if (pending.afterMs === Number.POSITIVE_INFINITY) return false;
    if (pending.framesAfter >= FRAMES_AFTER || Number.isNaN(pending.sequence)) return true;
    return this.#frames.some((frame) => frame.sequence === pending.sequence - 1 && !Number.isNaN(frame.endMs));
  }

  #resolve(isDue: (pending: Pending) => boolean): void {
    const due = this.#pending.filter(isDue);
    if (due.length === 0) return;
    this.#pending = this.#pending.filter((pending) => !due.includes(pending));
    for (const pending of due) pending.done(this.#decide(pending));
  }

  #decide(pending: Pending): Passage {
    const beforeMs = this.#lastBefore(pending);
    const sinceFrameMs = (pending.backAtMs - this.#clock.toCall(beforeMs)) * this.#rate;
    // With no frame after the mark, the one before must be fresh to tell anything.
    const nextMs = sinceFrameMs <= FRAME_MS + MAX_HOLE_MS ? beforeMs + FRAME_MS : Number.NaN;
    const afterMs = Number.isFinite(pending.afterMs) ? pending.afterMs : nextMs;
    const widthMs = afterMs - beforeMs;
    if (widthMs <= FRAME_MS + MAX_HOLE_MS) {
      const mediaMs = (beforeMs + afterMs) / 2;
      const uncertaintyMs = Math.max(FRAME_MS, widthMs) / 2 / this.#rate;
      return { source: 'media_clock', mediaMs, atMs: this.#clock.toCall(mediaMs), uncertaintyMs };
    }
    return this.#decideByWall(pending, beforeMs);
  }

  /** The mark was as late as its neighbours at most: they share one ordered socket. */
  #decideByWall({ backAtMs, latenessMs }: Pending, beforeMs: number): Passage {
    const sinceFrameMs = Number.isNaN(beforeMs) ? Number.POSITIVE_INFINITY : backAtMs - this.#clock.toCall(beforeMs);
    const lateMs = Math.max(0, Math.min(sinceFrameMs, latenessMs + FRAME_MS / this.#rate));
    return { source: 'mark_ack', mediaMs: undefined, atMs: backAtMs - lateMs / 2, uncertaintyMs: lateMs / 2 + 10 };
  }

  /** The end of the newest frame that the line sent before the mark; NaN when none is known. */
  #lastBefore({ sequence, framesAfter }: Pending): number {
    let lastMs = Number.NaN;
    for (let back = 1; back <= FRAMES_KEPT; back += 1) {
      const frame = this.#frames[(this.#at + 8 * FRAMES_KEPT - back) % FRAMES_KEPT];
      if (!frame || Number.isNaN(frame.endMs)) continue;
      const isBefore =
        Number.isNaN(sequence) || Number.isNaN(frame.sequence) ? back > framesAfter : frame.sequence < sequence;
      if (isBefore) lastMs = Number.isNaN(lastMs) ? frame.endMs : Math.max(lastMs, frame.endMs);
    }
    return lastMs;
  }
}
