/** Values are kept in steps of half a millisecond up to 500 ms; larger ones count as 500. */
const STEP_MS = 0.5;
const STEPS = 1000;

/** Interarrival jitter as RFC 3550 (6.4.1) smooths it, and its p95 over one value a second. */
export class Jitter {
  readonly #rate: number;
  readonly #counts = new Uint32Array(STEPS + 1);
  #values = 0;
  #lastTransitMs: number | undefined;
  #second: number | undefined;
  /** Now, milliseconds. */
  jitterMs = 0;

  /** @param rate media milliseconds per millisecond of our clock */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Takes a frame; returns the second's value (milliseconds) when a second is over. */
  take(mediaMs: number, arrivedAtMs: number): number | undefined {
    const transitMs = arrivedAtMs - mediaMs / this.#rate;
    if (this.#lastTransitMs !== undefined)
      this.jitterMs += (Math.abs(transitMs - this.#lastTransitMs) - this.jitterMs) / 16;
    this.#lastTransitMs = transitMs;
    const second = Math.floor(arrivedAtMs / 1000);
    const isOver = this.#second !== undefined && second > this.#second;
    this.#second = second;
    if (!isOver) return undefined;
    const step = Math.min(STEPS, Math.round(this.jitterMs / STEP_MS));
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#values += 1;
    return this.jitterMs;
  }

  /** Milliseconds; undefined before the first second is over. */
  get p95Ms(): number | undefined {
    if (this.#values === 0) return undefined;
    let seen = 0;
    const step = this.#counts.findIndex((count) => {
      seen += count;
      return seen >= 0.95 * this.#values;
    });
    return step * STEP_MS;
  }
}
