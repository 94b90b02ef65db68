/** µ-law at 8 kHz: bytes a millisecond. */
export const BYTES_PER_MS = 8;
/** Length of the frames that a telephone line sends. */
export const FRAME_MS = 20;
/** Samples (and µ-law bytes) of such a frame. */
export const FRAME_SAMPLES = FRAME_MS * BYTES_PER_MS;

/** Quieter samples are the code's own noise and the ends of ramps: about 44 dB below full scale. */
const AUDIBLE_AMPLITUDE = 200;
/** Fewer loud samples in a frame (1 ms) are a click. */
const AUDIBLE_SAMPLES = 8;
const BIAS = 0x84;

/** PCM16 value of every µ-law byte (ITU-T G.711). */
const DECODED = Int16Array.from({ length: 256 }, (_, byte) => {
  const inverted = ~byte & 0xff;
  const magnitude = (((inverted & 0x0f) << 3) + BIAS) << ((inverted >> 4) & 0x07);
  return inverted & 0x80 ? BIAS - magnitude : magnitude - BIAS;
});

/**
 * Decodes µ-law into `frame` from its beginning and fills what is left with silence; kept allocation-free for the frame path.
 * @returns the root mean square of the frame
 */
export function decodeMulawInto(frame: Int16Array, bytes: Uint8Array): number {
  const filled = Math.min(frame.length, bytes.length);
  let sum = 0;
  for (let at = 0; at < filled; at += 1) {
    const sample = DECODED[bytes[at] ?? 0] ?? 0;
    frame[at] = sample;
    sum += sample * sample;
  }
  if (filled < frame.length) frame.fill(0, filled);
  return frame.length === 0 ? 0 : Math.sqrt(sum / frame.length);
}

/** Root mean square of PCM16 samples. */
export function rmsOf(frame: Int16Array): number {
  let sum = 0;
  // By index: iterators cost as much as the sum.
  for (let at = 0; at < frame.length; at += 1) {
    const sample = frame[at] ?? 0;
    sum += sample * sample;
  }
  return frame.length === 0 ? 0 : Math.sqrt(sum / frame.length);
}

/** Root mean square of the µ-law bytes from `from` to before `to`, as PCM16. */
export function mulawRms(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) {
    const sample = DECODED[bytes[at] ?? 0] ?? 0;
    sum += sample * sample;
  }
  return to > from ? Math.sqrt(sum / (to - from)) : 0;
}

/**
 * Index of the first byte that a caller can hear in the frame of µ-law from `from` to before `to`; -1 when the frame is
 * silence or a click.
 */
export function firstAudibleByte(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let first = -1;
  let loud = 0;
  for (let at = from; at < to; at += 1) {
    if (Math.abs(DECODED[bytes[at] ?? 0] ?? 0) <= AUDIBLE_AMPLITUDE) continue;
    if (first < 0) first = at;
    loud += 1;
    if (loud >= AUDIBLE_SAMPLES) return first;
  }
  return -1;
}

/** Loudness from 0 (60 dB below full scale and less) to 100 (full scale) of a root mean square. */
export function loudnessOf(rms: number): number {
  if (rms < 33) return 0;
  return Math.min(100, Math.round(100 + (Math.log10(rms / 32_768) * 20 * 100) / 60));
}
