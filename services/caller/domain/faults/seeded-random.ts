/**
 * Numbers in [0, 1), the same for the same seed and purpose (mulberry32 over an FNV-1a hash of both). Purposes do not disturb each other: a fault
 * makes the same plan whether another one is switched on or not.
 */
export function createSeededRandom(seed: number, purpose: string): () => number {
  let state = hash(`${seed} ${purpose}`);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
