/** Least delays are kept over so many seconds: long enough to meet a frame that did not wait, short enough for drift. */
const WINDOW_SECONDS = 10;
/** Drift is read from the least delay of pieces this long. */
const DRIFT_PIECE_MS = 2000;
const SHORTEST_DRIFT_MS = 20_000;

/**
 * Where the line's media time lies on the call's monotonic clock: the least delayed frame of the last ten seconds tells.
 * An instant mapped this way is late by the shortest way from the line to us, the same for all: differences are true.
 */
export class MediaClock {
  readonly #rate: number;
  readonly #least = new Float64Array(WINDOW_SECONDS).fill(Number.POSITIVE_INFINITY);
  #second = Number.NEGATIVE_INFINITY;
  #offsetMs = Number.POSITIVE_INFINITY;
  readonly #drift = createRegression();
  #piece = { sinceMs: Number.NaN, leastMs: Number.POSITIVE_INFINITY };

  /** @param rate media milliseconds per millisecond of our clock */
  constructor(rate: number) {
    this.#rate = rate;
  }

  get isKnown(): boolean {
    return this.#offsetMs !== Number.POSITIVE_INFINITY;
  }

  /** A frame whose audio ends at `mediaMs` arrived at `arrivedAtMs` (monotonic). */
  observe(mediaMs: number, arrivedAtMs: number): void {
    const offsetMs = arrivedAtMs - mediaMs / this.#rate;
    this.#keepLeast(offsetMs, Math.floor(arrivedAtMs / 1000));
    this.#watchDrift(offsetMs, arrivedAtMs);
  }

  /** The monotonic instant of a media instant, milliseconds. */
  toCall(mediaMs: number): number {
    return mediaMs / this.#rate + this.#offsetMs;
  }

  /** How much later than the least delayed frame this one came, milliseconds; below 0 for one that beats them all. */
  latenessMs(mediaMs: number, arrivedAtMs: number): number {
    return this.isKnown ? arrivedAtMs - this.toCall(mediaMs) : 0;
  }

  /** How much faster (above 0) the line's clock runs than ours, parts per million; undefined before 20 s. */
  get driftPpm(): number | undefined {
    const slope = this.#drift.slope(SHORTEST_DRIFT_MS);
    return slope === undefined ? undefined : -slope * 1e6;
  }

  #keepLeast(offsetMs: number, second: number): void {
    if (second > this.#second) {
      const steps = Math.min(WINDOW_SECONDS, second - this.#second);
      for (let back = 0; back < steps; back += 1)
        this.#least[(second - back) % WINDOW_SECONDS] = Number.POSITIVE_INFINITY;
      this.#second = second;
      this.#offsetMs = Math.min(...this.#least);
    }
    const slot = this.#second % WINDOW_SECONDS;
    this.#least[slot] = Math.min(this.#least[slot] ?? Number.POSITIVE_INFINITY, offsetMs);
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
