import { COUNTER_BINS, FRAME_SAMPLES, HIGH_BINS, LOW_BINS, type Voice, WINDOW_SAMPLES } from './tones.ts';

/** How bytes become sound. `framesPerByte`: 20 ms frames that one byte lasts (1 to 3: the longer, the more a lossy line may drop). */
export type ToneOptions = { readonly voice: Voice; readonly framesPerByte: number };

const TONE_AMPLITUDE = 6000;
const RAMP_SHARE = 0.05;

/**
 * Three simultaneous tones a byte: upper four bits, lower four bits, counter modulo 4.
 * @returns PCM16 at 8 kHz, `bytes.length * framesPerByte * 160` samples.
 * @throws RangeError when `framesPerByte` is not a whole number of at least 1.
 */
export function generateTones(bytes: Uint8Array, { voice, framesPerByte }: ToneOptions): Int16Array {
  if (!Number.isInteger(framesPerByte) || framesPerByte < 1)
    throw new RangeError(`framesPerByte must be a whole number >= 1, not ${framesPerByte}`);
  const symbolSamples = framesPerByte * FRAME_SAMPLES;
  const samples = new Int16Array(bytes.length * symbolSamples);
  bytes.forEach((byte, index) => {
    const bins = [HIGH_BINS[byte >> 4], LOW_BINS[byte & 0x0f], COUNTER_BINS[voice][index % 4]];
    writeSymbol(samples.subarray(index * symbolSamples, (index + 1) * symbolSamples), bins);
  });
  return samples;
}

function writeSymbol(target: Int16Array, bins: readonly (number | undefined)[]): void {
  const rampSamples = Math.round(FRAME_SAMPLES * RAMP_SHARE);
  for (let index = 0; index < target.length; index += 1) {
    const edge = Math.min(index + 1, target.length - index, rampSamples) / rampSamples;
    let sum = 0;
    for (const bin of bins) sum += Math.sin((2 * Math.PI * (bin ?? 0) * index) / WINDOW_SAMPLES);
    target[index] = Math.round(TONE_AMPLITUDE * edge * sum);
  }
}
