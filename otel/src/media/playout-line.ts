/** Shorter holes between two pieces are the timer of a bot that sends frame by frame, not a dry buffer. */
const DRY_MS = 20;
/** So much of such slipping may add up before the playing time is taken anew. */
const MAX_SLIP_MS = 100;
/** Silence inside speech that does not part it. */
const SPEECH_PAUSE_MS = 200;
const BURSTS_KEPT = 512;

/** Audio of one turn that the line plays without a hole. Positions: milliseconds of audio since the stream began. */
type Burst = {
  readonly turnIndex: number | undefined;
  readonly fromPos: number;
  toPos: number;
  /** Monotonic; expected until a mark tells. */
  startMs: number;
  slipMs: number;
  /** The line fell silent here although more had been sent. */
  cutMs: number;
  /** Positions at which the bot can be heard: from, to, from, to... */
  readonly audible: number[];
};

/** A piece of audio on its way to the line. */
export type Piece = { readonly turnIndex: number | undefined; readonly durationMs: number; readonly sentAtMs: number };

/** Where a piece lies: its first position, when the line should begin to play it, and the hole that the caller heard before it. */
export type Placed = { readonly fromPos: number; readonly startMs: number; readonly underrunMs: number };

/** When the line plays what was sent: expected from the sending, set right by every mark that comes back. All times monotonic. */
export class PlayoutLine {
  /** Milliseconds from sending to playing when nothing is queued, as far as it is known. */
  carrierMs = 0;
  readonly #rate: number;
  readonly #bursts: Burst[] = [];
  #pos = 0;

  /** @param rate media milliseconds per millisecond of our clock */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** All audio sent so far, milliseconds. */
  get sentMs(): number {
    return this.#pos;
  }

  /** When the line will have played everything; minus infinity before the first piece. */
  get idleFromMs(): number {
    const last = this.#bursts.at(-1);
    return last ? this.#endOf(last) : Number.NEGATIVE_INFINITY;
  }

  write({ turnIndex, durationMs, sentAtMs }: Piece): Placed {
    const fromPos = this.#pos;
    this.#pos += durationMs;
    const last = this.#bursts.at(-1);
    const freeMs = this.idleFromMs;
    const arrivesMs = sentAtMs + this.carrierMs;
    const holeMs = arrivesMs - freeMs;
    const startMs = Math.max(arrivesMs, freeMs);
    const continues = last && last.turnIndex === turnIndex && last.cutMs === Number.POSITIVE_INFINITY;
    const isDry = continues === true && holeMs >= DRY_MS;
    const slipMs = last ? last.slipMs + Math.max(0, holeMs) : 0;
    if (continues && !isDry && slipMs <= MAX_SLIP_MS) {
      last.startMs += Math.max(0, holeMs);
      last.slipMs = slipMs;
      last.toPos = this.#pos;
    } else {
      const cutMs = Number.POSITIVE_INFINITY;
      this.#bursts.push({ turnIndex, fromPos, toPos: this.#pos, startMs, slipMs: 0, cutMs, audible: [] });
      if (this.#bursts.length > BURSTS_KEPT) this.#bursts.shift();
    }
    return { fromPos, startMs, underrunMs: isDry ? holeMs * this.#rate : 0 };
  }

  /** The audio from one position to another can be heard. */
  addAudible(fromPos: number, toPos: number): void {
    const audible = this.#bursts.at(-1)?.audible;
    const before = audible?.at(-1);
    if (audible && before !== undefined && fromPos - before <= SPEECH_PAUSE_MS) audible[audible.length - 1] = toPos;
    else audible?.push(fromPos, toPos);
  }

  /** When the line has played, or will have played, up to a position. */
  timeOf(pos: number): number {
    const burst = this.#bursts.findLast((candidate) => candidate.fromPos < pos) ?? this.#bursts[0];
    return burst ? burst.startMs + (pos - burst.fromPos) / this.#rate : Number.NaN;
  }

  /** A mark tells that the line had played up to `pos` at `atMs`. */
  anchor(pos: number, atMs: number): void {
    const at = this.#bursts.findLastIndex((candidate) => candidate.fromPos < pos && pos <= candidate.toPos);
    const burst = this.#bursts[at];
    if (!burst) return;
    burst.startMs += atMs - (burst.startMs + (pos - burst.fromPos) / this.#rate);
    let freeMs = this.#endOf(burst);
    for (const later of this.#bursts.slice(at + 1)) {
      later.startMs = Math.max(later.startMs, freeMs);
      freeMs = this.#endOf(later);
    }
  }

  /** What was not played at `atMs` never will be. Said twice of one clear, the later word counts. */
  cut(atMs: number, previousMs = Number.POSITIVE_INFINITY): void {
    for (const burst of this.#bursts) {
      const isOpen = burst.cutMs === Number.POSITIVE_INFINITY || burst.cutMs === previousMs;
      if (isOpen && this.#wholeEndOf(burst) > atMs) burst.cutMs = atMs;
    }
  }

  /** How much of a turn's audio had been played at `atMs`, milliseconds of audio. */
  playedMs(turnIndex: number, atMs: number): number {
    let sum = 0;
    for (const burst of this.#bursts) if (burst.turnIndex === turnIndex) sum += this.#playedOf(burst, atMs);
    return sum;
  }

  /** The turn whose audio is playing at `atMs`. */
  playingTurnAt(atMs: number): number | undefined {
    return this.#bursts.findLast((burst) => burst.startMs <= atMs && atMs < this.#endOf(burst))?.turnIndex;
  }

  /** The stretches in which the bot is audible that end after `sinceMs`, monotonic, in order. */
  speechSince(sinceMs: number): [number, number][] {
    return this.#bursts.flatMap((burst) => {
      const endMs = this.#endOf(burst);
      if (endMs <= sinceMs) return [];
      const spans: [number, number][] = [];
      for (let at = 0; at + 1 < burst.audible.length; at += 2) {
        const [fromMs = 0, toMs = 0] = [burst.audible[at], burst.audible[at + 1]].map(
          (pos = 0) => burst.startMs + (pos - burst.fromPos) / this.#rate,
        );
        if (fromMs < endMs && Math.min(toMs, endMs) > sinceMs) spans.push([fromMs, Math.min(toMs, endMs)]);
      }
      return spans;
    });
  }

  #playedOf(burst: Burst, atMs: number): number {
    const playedMs = (Math.min(atMs, burst.cutMs) - burst.startMs) * this.#rate;
    return Math.min(burst.toPos - burst.fromPos, Math.max(0, playedMs));
  }

  #wholeEndOf(burst: Burst): number {
    return burst.startMs + (burst.toPos - burst.fromPos) / this.#rate;
  }

  #endOf(burst: Burst): number {
    return Math.max(burst.startMs, Math.min(burst.cutMs, this.#wholeEndOf(burst)));
  }
}

/** A first frame may wait so much longer than the least of this call before its mark counts as late; milliseconds. */
const LATE_MS = 120;
/** In a call that has shown nothing yet: above the round trip of the socket, which no mark can make longer. */
const LATE_ABOVE_PATH_MS = 150;
/** The same when the round trip is unknown, too. */
const LATE_UNKNOWN_MS = 300;
const DELAYS_KEPT = 8;

/** Milliseconds from sending to playing on this call's line, from what marks have told. */
export class CarrierDelay {
  readonly #prompt: number[] = [];
  readonly #paths: number[] = [];
  #largestMs: number | undefined;
  /** Of the last mark that found the line silent. */
  markRoundTripMs: number | undefined;

  /** Notes a round trip of the socket alone. */
  notePath(roundTripMs: number): void {
    this.#paths.push(roundTripMs);
    if (this.#paths.length > DELAYS_KEPT) this.#paths.shift();
  }

  /** The least round trip of the socket alone, of the last eight. */
  get pathMs(): number | undefined {
    return this.#paths.length === 0 ? undefined : Math.min(...this.#paths);
  }

  /** To the line and back, with nothing queued there. */
  get roundTripMs(): number | undefined {
    return this.markRoundTripMs ?? this.pathMs;
  }

  /**
   * Notes how long an audio that found an empty line took to be played, as its mark says. A late mark is no measure,
   * however many of them come: a slow line and slow marks look the same from here.
   */
  note(delayMs: number): void {
    this.#largestMs = Math.max(this.#largestMs ?? 0, delayMs);
    if (this.isLate(delayMs)) return;
    this.#prompt.push(delayMs);
    if (this.#prompt.length > DELAYS_KEPT) this.#prompt.shift();
  }

  /** Longer than a first frame can have waited, as far as this call has shown. */
  isLate(delayMs: number): boolean {
    const { leastMs, pathMs } = this;
    if (leastMs !== undefined) return delayMs > leastMs + LATE_MS;
    return delayMs > (pathMs === undefined ? LATE_UNKNOWN_MS : pathMs + LATE_ABOVE_PATH_MS);
  }

  /** Of the last eight marks that were not late. */
  get leastMs(): number | undefined {
    return this.#prompt.length === 0 ? undefined : Math.min(...this.#prompt);
  }

  /** Of all marks, the late ones too. */
  get largestMs(): number | undefined {
    return this.#largestMs;
  }
}
