/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** Mulberry32: 32 bits of state, the same sequence for the same `seed` on every machine. Not for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A 32-bit seed from a seed and a name (FNV-1a), so that each stream of numbers is its own. */
export function deriveSeed(seed: number, name: string): number {
  let hash = (2_166_136_261 ^ seed) >>> 0;
  for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return hash;
}

/** `length` letters and digits, for ids that look like the vendor's. */
export function createToken(random: Random, length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  let token = '';
  for (let index = 0; index < length; index += 1) token += alphabet[Math.floor(random() * alphabet.length)] ?? 'A';
  return token;
}
