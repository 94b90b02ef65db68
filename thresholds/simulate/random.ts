/** Numbers from 0 up to 1. */
export type Random = () => number;

/** The same seed gives the same numbers (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** How long something takes: a log-normal by its median and 95th percentile, never above `maxMs`. */
export type Latency = { readonly medianMs: number; readonly p95Ms: number; readonly maxMs: number };

const Z_95 = 1.645;

/** One duration, milliseconds. Drawing again, unlike clamping, leaves no heap of equal values at the cut. */
export function drawMs({ medianMs, p95Ms, maxMs }: Latency, random: Random): number {
  const sigma = Math.log(p95Ms / medianMs) / Z_95;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const value = medianMs * Math.exp(sigma * normal);
    if (value <= maxMs) return value;
  }
  return maxMs;
}
