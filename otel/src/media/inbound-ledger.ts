import { Jitter } from './jitter.ts';
import type { MediaClock } from './media-clock.ts';

/** No frame for so long (milliseconds of our clock) although the stream is up: it has stalled. */
export const STALL_MS = 200;
/** A frame that beats every other by so much, after a hole: the line's clock was set forward. */
const JUMP_MS = 250;
/** Without sequence numbers, a step back as large as this is a clock that was set anew, not a late frame. */
const STEP_BACK_MS = 2000;
const HOLES_KEPT = 16;

/** `late`: overtaken by another frame. `duplicate`: seen before. */
export type FrameFate = 'next' | 'late' | 'duplicate';

type Hole = { fromMs: number; toMs: number; missingMs: number };

/** What came in, counted: plain numbers, nothing kept per frame. Media time is made continuous over jumps of the line's clock. */
export class InboundLedger {
  framesIn = 0;
  lostMs = 0;
  reordered = 0;
  duplicated = 0;
  clockJumps = 0;
  stalls = 0;
  stalledMs = 0;
  /** Where the frame that was taken last begins, in continuous media time. */
  mediaMs = 0;
  /** When the frame that was taken last arrived, monotonic; NaN before the first. */
  arrivedAtMs = Number.NaN;
  readonly jitter: Jitter;
  readonly #clock: MediaClock;
  readonly #rate: number;
  readonly #holes: Hole[] = [];
  #closedHoleMs = 0;
  #nextMs = Number.NaN;
  #adjustMs = 0;
  #highestSequence = Number.NEGATIVE_INFINITY;

  /** @param rate media milliseconds per millisecond of our clock */
  constructor(clock: MediaClock, rate: number) {
    this.#clock = clock;
    this.#rate = rate;
    this.jitter = new Jitter(rate);
  }

  /** The longest stretch of audio that never came, milliseconds. */
  get largestHoleMs(): number {
    return this.#holes.reduce((longest, { missingMs }) => Math.max(longest, missingMs), this.#closedHoleMs);
  }

  /**
   * A frame of the caller's audio: its place in the stream, and how much audio it holds.
   * @param sequence Twilio's `sequenceNumber`; NaN when the message had none
   */
  take(sequence: number, timestampMs: number, durationMs: number, arrivedAtMs: number): FrameFate {
    this.framesIn += 1;
    const waitedMs = arrivedAtMs - this.arrivedAtMs;
    this.arrivedAtMs = arrivedAtMs;
    if (waitedMs > STALL_MS) {
      this.stalls += 1;
      this.stalledMs += waitedMs - durationMs / this.#rate;
    }
    let mediaMs = timestampMs + this.#adjustMs;
    if (this.#hasJumped(sequence, timestampMs, durationMs, arrivedAtMs)) {
      this.clockJumps += 1;
      const continuedMs = this.#nextMs - durationMs + waitedMs * this.#rate;
      this.#adjustMs += continuedMs - mediaMs;
      mediaMs = continuedMs;
    }
    this.mediaMs = mediaMs;
    this.#highestSequence = Math.max(this.#highestSequence, sequence || Number.NEGATIVE_INFINITY);
    const fate = this.#place(mediaMs, durationMs);
    if (fate === 'duplicate') this.duplicated += 1;
    else this.#clock.observe(mediaMs + durationMs, arrivedAtMs);
    return fate;
  }

  #place(mediaMs: number, durationMs: number): FrameFate {
    if (mediaMs + durationMs / 2 < this.#nextMs) {
      if (!this.#fillHole(mediaMs, durationMs)) return 'duplicate';
      this.reordered += 1;
      return 'late';
    }
    const missingMs = mediaMs - this.#nextMs;
    if (missingMs >= durationMs / 2) this.#openHole(this.#nextMs, mediaMs);
    // Swapped with its neighbour, the first frame of all may come second.
    if (Number.isNaN(this.#nextMs) && mediaMs > 0 && mediaMs <= durationMs)
      this.#holes.push({ fromMs: 0, toMs: mediaMs, missingMs: 0 });
    this.#nextMs = mediaMs + durationMs;
    return 'next';
  }

  #openHole(fromMs: number, toMs: number): void {
    this.lostMs += toMs - fromMs;
    this.#holes.push({ fromMs, toMs, missingMs: toMs - fromMs });
    if (this.#holes.length <= HOLES_KEPT) return;
    this.#closedHoleMs = Math.max(this.#closedHoleMs, this.#holes.shift()?.missingMs ?? 0);
  }

  #fillHole(mediaMs: number, durationMs: number): boolean {
    const middleMs = mediaMs + durationMs / 2;
    const at = this.#holes.findIndex((hole) => middleMs > hole.fromMs && middleMs < hole.toMs);
    const hole = this.#holes[at];
    if (!hole) return false;
    const filledMs = Math.min(durationMs, hole.missingMs);
    this.lostMs -= filledMs;
    const share = (part: Pick<Hole, 'fromMs' | 'toMs'>) => ({
      ...part,
      missingMs: hole.missingMs === 0 ? 0 : Math.max(0, part.toMs - part.fromMs),
    });
    const rest = [
      share({ fromMs: hole.fromMs, toMs: mediaMs }),
      share({ fromMs: mediaMs + durationMs, toMs: hole.toMs }),
    ];
    this.#holes.splice(at, 1, ...rest.filter((part) => part.toMs - part.fromMs >= durationMs / 2));
    return true;
  }

  #hasJumped(sequence: number, timestampMs: number, durationMs: number, arrivedAtMs: number): boolean {
    const stepMs = timestampMs + this.#adjustMs - this.#nextMs;
    if (Number.isNaN(stepMs)) return false;
    if (stepMs < 0) {
      const isNewest = sequence > this.#highestSequence;
      return Number.isNaN(sequence) ? stepMs < -STEP_BACK_MS : isNewest && stepMs <= -durationMs;
    }
    const beatsMs = -this.#clock.latenessMs(timestampMs + this.#adjustMs + durationMs, arrivedAtMs) * this.#rate;
    return stepMs >= JUMP_MS && beatsMs >= JUMP_MS && beatsMs > stepMs / 2;
  }
}
