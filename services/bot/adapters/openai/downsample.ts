const FACTOR = 3;
const TAPS = 48;
const CUTOFF_HZ = 3400;
const INPUT_RATE_HZ = 24_000;

/** Windowed-sinc low-pass (Hamming), unity gain: without it everything above 4 kHz folds back into the voice. */
const FILTER = createFilter();

/** Brings streamed PCM16 little-endian from 24 kHz to 8 kHz; pieces may end in the middle of a sample. */
export type Downsampler = { push(bytes: Uint8Array): Int16Array };

export function createDownsampler(): Downsampler {
  let rest: Uint8Array = new Uint8Array(0);
  let history = new Float64Array(TAPS);
  return {
    push(bytes) {
      const input = Buffer.concat([rest, bytes]);
      const usable = input.length - (input.length % (2 * FACTOR));
      rest = Uint8Array.from(input.subarray(usable));
      const count = usable / 2;
      const samples = new Float64Array(TAPS + count);
      samples.set(history);
      for (let index = 0; index < count; index += 1) samples[TAPS + index] = input.readInt16LE(index * 2);
      history = samples.slice(count);
      return filter(samples, count / FACTOR);
    },
  };
}

function filter(samples: Float64Array, outputs: number): Int16Array {
  const result = new Int16Array(outputs);
  for (let output = 0; output < outputs; output += 1) {
    let sum = 0;
    for (let tap = 0; tap < TAPS; tap += 1) sum += (FILTER[tap] ?? 0) * (samples[output * FACTOR + tap + FACTOR] ?? 0);
    result[output] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
  return result;
}

function createFilter(): Float64Array {
  const cutoff = CUTOFF_HZ / INPUT_RATE_HZ;
  const taps = Float64Array.from({ length: TAPS }, (_, tap) => {
    const x = tap - (TAPS - 1) / 2;
    const sinc = Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
    return sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * tap) / (TAPS - 1)));
  });
  const gain = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map((tap) => tap / gain);
}
