/** Least delays are kept over so many slots: long enough to meet a frame that did not wait, short enough for drift. */
const SLOTS = 10;
const SLOT_MS = 1000;
/** A line that runs faster than a telephone is a simulation: it may stand still for a moment, which is no drift. */
const FAST_SLOT_MS = 50;
/** A line may stamp a frame with its beginning or its end, and send it then: what it plays tells, within two frames. */
const MAX_BIAS_MS = 40;
/** Drift is read from the least delay of pieces this long. */
const DRIFT_PIECE_MS = 2000;
const SHORTEST_DRIFT_MS = 20_000;

/**
 * Where the line's media time lies on the call's monotonic clock: the least delayed frame of the last ten seconds tells.
 * An instant mapped this way is late by the shortest way from the line to us, the same for all: differences are true.
 */
export class MediaClock {
  readonly #rate: number;
  readonly #least = new Float64Array(SLOTS).fill(Number.POSITIVE_INFINITY);
  readonly #slotMs: number;
  #slot = Number.NEGATIVE_INFINITY;
  #biasMs = 0;
  #offsetMs = Number.POSITIVE_INFINITY;
  readonly #drift = createRegression();
  #piece = { sinceMs: Number.NaN, leastMs: Number.POSITIVE_INFINITY };

  /** @param rate media milliseconds per millisecond of our clock */
  constructor(rate: number) {
    this.#rate = rate;
    this.#slotMs = rate > 1 ? FAST_SLOT_MS : SLOT_MS;
  }

  get isKnown(): boolean {
    return this.#offsetMs !== Number.POSITIVE_INFINITY;
  }

  /** A frame whose audio ends at `mediaMs` arrived at `arrivedAtMs` (monotonic). */
  observe(mediaMs: number, arrivedAtMs: number): void {
    const offsetMs = arrivedAtMs - mediaMs / this.#rate;
    this.#keepLeast(offsetMs, Math.floor(arrivedAtMs / this.#slotMs));
    this.#watchDrift(offsetMs, arrivedAtMs);
  }

  /** The monotonic instant of a media instant, milliseconds. */
  toCall(mediaMs: number): number {
    return mediaMs / this.#rate + this.#offsetMs + this.#biasMs / this.#rate;
  }

  /** The line cannot have played at `mediaMs` what was sent at `sentAtMs` (monotonic) only: instants lie later by that. */
  notBefore(mediaMs: number, sentAtMs: number): void {
    const earlyMs = (sentAtMs - this.toCall(mediaMs)) * this.#rate;
    if (earlyMs > 0) this.#biasMs = Math.min(MAX_BIAS_MS, this.#biasMs + earlyMs);
  }

  /** How much later than the least delayed frame this one came, milliseconds; below 0 for one that beats them all. */
  latenessMs(mediaMs: number, arrivedAtMs: number): number {
    return this.isKnown ? arrivedAtMs - mediaMs / this.#rate - this.#offsetMs : 0;
  }

  /** How much faster (above 0) the line's clock runs than ours, parts per million; undefined before 20 s. */
  get driftPpm(): number | undefined {
    const slope = this.#drift.slope(SHORTEST_DRIFT_MS);
    return slope === undefined ? undefined : -slope * 1e6;
  }

  #keepLeast(offsetMs: number, slot: number): void {
    if (slot > this.#slot) {
      const steps = Math.min(SLOTS, slot - this.#slot);
      for (let back = 0; back < steps; back += 1) this.#least[(slot - back) % SLOTS] = Number.POSITIVE_INFINITY;
      this.#slot = slot;
      this.#offsetMs = leastOf(this.#least);
    }
    const at = this.#slot % SLOTS;
    this.#least[at] = Math.min(this.#least[at] ?? Number.POSITIVE_INFINITY, offsetMs);
    this.#offsetMs = Math.min(this.#offsetMs, offsetMs);
  }

  #watchDrift(offsetMs: number, arrivedAtMs: number): void {
    const piece = this.#piece;
    if (!(arrivedAtMs - piece.sinceMs < DRIFT_PIECE_MS)) {
      if (Number.isFinite(piece.leastMs)) this.#drift.add(piece.sinceMs, piece.leastMs);
      piece.sinceMs = arrivedAtMs;
      piece.leastMs = Number.POSITIVE_INFINITY;
    }
    piece.leastMs = Math.min(piece.leastMs, offsetMs);
  }
}

/** By index: spread into Math.min, the figures are made one by one, sixty times a second on a fast line. */
function leastOf(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < values.length; at += 1) least = Math.min(least, values[at] ?? least);
  return least;
}

/** A straight line through points, in five sums. */
function createRegression() {
  let count = 0;
  let originX = 0;
  let originY = 0;
  let [sumX, sumY, sumXX, sumXY, lastX] = [0, 0, 0, 0, 0];
  return {
    add(x: number, y: number): void {
      if (count === 0) [originX, originY] = [x, y];
      count += 1;
      const [dx, dy] = [x - originX, y - originY];
      sumX += dx;
      sumY += dy;
      sumXX += dx * dx;
      sumXY += dx * dy;
      lastX = dx;
    },
    /** Undefined when the points span less than `span`. */
    slope(span: number): number | undefined {
      const spread = count * sumXX - sumX * sumX;
      return lastX < span || spread <= 0 ? undefined : (count * sumXY - sumX * sumY) / spread;
    },
  };
}
