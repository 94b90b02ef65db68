const FIRST_MS = 500;
const FACTOR = 2;
/** Short enough that a receiver that was away for long is found again within half a minute. */
const LONGEST_MS = 20_000;
const JITTER = 0.2;

/** Growing pauses between attempts, each up to a fifth longer or shorter, so that many bots do not knock together. */
export type Backoff = {
  nextMs(): number;
  reset(): void;
};

/** @param random in [0, 1), for tests */
export function createBackoff(random: () => number = Math.random): Backoff {
  let pauseMs = FIRST_MS;
  return {
    nextMs() {
      const jittered = pauseMs * (1 + JITTER * (2 * random() - 1));
      pauseMs = Math.min(pauseMs * FACTOR, LONGEST_MS);
      return jittered;
    },
    reset() {
      pauseMs = FIRST_MS;
    },
  };
}
