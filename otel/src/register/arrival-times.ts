const SECOND_MS = 1000;

/**
 * When the caller's frames came, told from when they were looked at: of frames that waited for each other the last one was
 * looked at as it came, so the earliest look of a second or two gives the line on which they all lie.
 */
export class ArrivalTimes {
  readonly #rate: number;
  readonly #waitMs: number;
  /** Monotonic minus media time, the least of this second and of the one before. */
  #leastMs = Number.POSITIVE_INFINITY;
  #leastBeforeMs = Number.POSITIVE_INFINITY;
  #secondEndMs = SECOND_MS;

  /**
   * @param rate media milliseconds per millisecond of our clock
   * @param lookEveryMs no frame waits longer for others, milliseconds of a telephone
   */
  constructor(rate: number, lookEveryMs: number) {
    this.#rate = rate;
    this.#waitMs = lookEveryMs / rate;
  }

  /**
   * Takes a frame and tells when it came, monotonic: never later than now, never earlier than it can have waited.
   * @param mediaMs of the frame, never less than that of the one before
   */
  arrivalOf(mediaMs: number, lookedAtMs: number): number {
    const playedMs = mediaMs / this.#rate;
    if (mediaMs >= this.#secondEndMs) {
      this.#leastBeforeMs = this.#leastMs;
      this.#leastMs = Number.POSITIVE_INFINITY;
      this.#secondEndMs = mediaMs + SECOND_MS;
    }
    this.#leastMs = Math.min(this.#leastMs, lookedAtMs - playedMs);
    const lineMs = Math.min(this.#leastMs, this.#leastBeforeMs) + playedMs;
    return Math.max(lineMs, lookedAtMs - this.#waitMs);
  }
}
