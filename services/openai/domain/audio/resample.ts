/** Zero crossings of the sinc kept on each side; 16 leaves images more than 60 dB down. */
const LOBES = 16;

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** One windowed-sinc (Blackman) filter a phase: tap k of phase p weighs input sample `floor(position) + k - reach + 1`. */
function createPhases(phases: number, cutoff: number, reach: number): Float64Array[] {
  return Array.from({ length: phases }, (_, phase) => {
    const taps = new Float64Array(2 * reach);
    let sum = 0;
    for (let tap = 0; tap < taps.length; tap += 1) {
      const distance = tap - reach + 1 - phase / phases;
      const x = Math.PI * distance * cutoff;
      const turn = (Math.PI * distance) / reach;
      const window = 0.42 + 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn);
      taps[tap] = (x === 0 ? 1 : Math.sin(x) / x) * Math.max(0, window);
      sum += taps[tap] ?? 0;
    }
    return taps.map((tap) => tap / sum);
  });
}

/** Brings PCM16 mono from one rate to another, band-limited. */
export type Resampler = {
  /** How many samples `samples` become: round(length * to / from). */
  lengthOf(samples: Int16Array): number;
  /** The output samples `start` to `end` (exclusive): a long sound can be made in parts. */
  part(samples: Int16Array, start: number, end: number): Int16Array;
};

/** A resampler between two rates (Hz); its filters are computed once. */
export function createResampler(fromHz: number, toHz: number): Resampler {
  const divisor = gcd(fromHz, toHz);
  const up = toHz / divisor;
  const down = fromHz / divisor;
  const cutoff = Math.min(1, toHz / fromHz);
  const reach = Math.ceil(LOBES / cutoff);
  const phases = createPhases(up, cutoff, reach);
  const sampleAt = (samples: Int16Array, index: number): number => {
    const position = index * down;
    const first = Math.floor(position / up) - reach + 1;
    const taps = phases[position % up] ?? new Float64Array(0);
    const from = Math.max(0, -first);
    const until = Math.min(taps.length, samples.length - first);
    let sum = 0;
    for (let tap = from; tap < until; tap += 1) sum += (taps[tap] as number) * (samples[first + tap] as number);
    return Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  };
  return {
    lengthOf: (samples) => Math.round((samples.length * up) / down),
    part(samples, start, end) {
      const output = new Int16Array(end - start);
      for (let index = 0; index < output.length; index += 1) output[index] = sampleAt(samples, start + index);
      return output;
    },
  };
}

/** All of `samples` at another rate (Hz). */
export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz) return samples;
  const resampler = createResampler(fromHz, toHz);
  return resampler.part(samples, 0, resampler.lengthOf(samples));
}
