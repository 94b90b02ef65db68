import { COUNTER_BINS, HIGH_BINS, LOW_BINS, type Voice, WINDOW_SAMPLES } from './tones.ts';

/** One byte heard. Positions are samples of the buffer, `endSample` exclusive. `counter` is the sender's byte count modulo 4. */
export type HeardByte = {
  readonly byte: number;
  readonly counter: number;
  readonly startSample: number;
  readonly endSample: number;
  /** Best share of a window's energy that lay in the three tones, 0 to 1. */
  readonly share: number;
};

type Decision = { readonly byte: number; readonly counter: number; readonly share: number };
type Run = Decision & { readonly first: number; last: number; count: number; best: number };

const HOP_SAMPLES = 16;
const HOPS_PER_WINDOW = WINDOW_SAMPLES / HOP_SAMPLES;
const MINIMUM_RMS = 15;
// A window that straddles two symbols holds both; below this ratio (energy) neither is believed.
const MINIMUM_LEAD = 4;
// White noise puts about 0.2 of its energy into its three best bins, a signal at 0 dB about 0.5.
const MINIMUM_SHARE = 0.4;
// The other voice's counter tones leave this voice's counter bins empty: that is not a byte of this voice.
const MINIMUM_BALANCE = 1 / 16;
const MINIMUM_DECISIONS = 2;

const COSINE = Float64Array.from({ length: WINDOW_SAMPLES }, (_, i) => Math.cos((2 * Math.PI * i) / WINDOW_SAMPLES));
const SINE = Float64Array.from({ length: WINDOW_SAMPLES }, (_, i) => Math.sin((2 * Math.PI * i) / WINDOW_SAMPLES));

/** Every byte that `voice` sent within the PCM16 8 kHz buffer, in order. A frame that was lost leaves out its byte; nothing is invented for it. */
export function findBytes(pcm: Int16Array, voice: Voice): HeardByte[] {
  const groups = [HIGH_BINS, LOW_BINS, COUNTER_BINS[voice]] as const;
  const blocks = createBlocks(pcm, groups.flat());
  const runs: Run[] = [];
  for (let hop = 0; hop + HOPS_PER_WINDOW <= blocks.count; hop += 1) {
    const decision = decide(blocks.energies(hop), blocks.power(hop));
    if (decision) appendDecision(runs, decision, hop);
  }
  return mergeRuns(runs.filter((run) => run.count >= MINIMUM_DECISIONS)).map((run) => ({
    byte: run.byte,
    counter: run.counter,
    startSample: run.first * HOP_SAMPLES,
    endSample: Math.min(pcm.length, run.last * HOP_SAMPLES + WINDOW_SAMPLES),
    share: run.best,
  }));
}

/** DFT sums of 16-sample blocks: bins repeat every 128 samples, so a window is the plain sum of eight blocks, with no rounding that grows. */
function createBlocks(pcm: Int16Array, bins: readonly number[]) {
  const count = Math.floor(pcm.length / HOP_SAMPLES);
  const width = bins.length;
  const real = new Float64Array(count * width);
  const imaginary = new Float64Array(count * width);
  const squares = new Float64Array(count);
  for (let block = 0; block < count; block += 1) {
    const start = block * HOP_SAMPLES;
    for (let n = start; n < start + HOP_SAMPLES; n += 1) {
      const sample = pcm[n] ?? 0;
      squares[block] = (squares[block] ?? 0) + sample * sample;
    }
    if (squares[block] === 0) continue;
    for (let b = 0; b < width; b += 1) {
      const bin = bins[b] ?? 0;
      let re = 0;
      let im = 0;
      for (let n = start; n < start + HOP_SAMPLES; n += 1) {
        const phase = (bin * n) % WINDOW_SAMPLES;
        re += (pcm[n] ?? 0) * (COSINE[phase] ?? 0);
        im += (pcm[n] ?? 0) * (SINE[phase] ?? 0);
      }
      real[block * width + b] = re;
      imaginary[block * width + b] = im;
    }
  }
  const energies = new Float64Array(width);
  return {
    count,
    power(hop: number): number {
      let sum = 0;
      for (let block = hop; block < hop + HOPS_PER_WINDOW; block += 1) sum += squares[block] ?? 0;
      return sum / WINDOW_SAMPLES;
    },
    /** Power of each bin in the window at `hop`, on the scale of `power`. The array is reused. */
    energies(hop: number): Float64Array {
      for (let b = 0; b < width; b += 1) {
        let re = 0;
        let im = 0;
        for (let at = hop * width + b; at < (hop + HOPS_PER_WINDOW) * width; at += width) {
          re += real[at] ?? 0;
          im += imaginary[at] ?? 0;
        }
        energies[b] = (2 * (re * re + im * im)) / (WINDOW_SAMPLES * WINDOW_SAMPLES);
      }
      return energies;
    },
  };
}

function decide(energies: Float64Array, power: number): Decision | undefined {
  if (power < MINIMUM_RMS * MINIMUM_RMS) return undefined;
  const high = strongest(energies, 0, HIGH_BINS.length);
  const low = strongest(energies, HIGH_BINS.length, LOW_BINS.length);
  const counter = strongest(energies, HIGH_BINS.length + LOW_BINS.length, 4);
  const best = [high, low, counter];
  const loudest = Math.max(...best.map((tone) => tone.energy));
  if (best.some((tone) => tone.energy < MINIMUM_LEAD * tone.second || tone.energy < MINIMUM_BALANCE * loudest))
    return undefined;
  const share = Math.min(1, (high.energy + low.energy + counter.energy) / power);
  if (share < MINIMUM_SHARE) return undefined;
  return { byte: (high.index << 4) | low.index, counter: counter.index, share };
}

function strongest(energies: Float64Array, from: number, length: number) {
  let index = 0;
  let energy = -1;
  let second = 0;
  for (let at = 0; at < length; at += 1) {
    const value = energies[from + at] ?? 0;
    if (value > energy) {
      second = Math.max(energy, 0);
      energy = value;
      index = at;
    } else if (value > second) second = value;
  }
  return { index, energy, second };
}

const isSame = (one: Decision, other: Decision) => one.byte === other.byte && one.counter === other.counter;

function appendDecision(runs: Run[], decision: Decision, hop: number): void {
  const run = runs.at(-1);
  if (run && isSame(run, decision) && hop - run.last <= HOPS_PER_WINDOW) {
    run.last = hop;
    run.count += 1;
    run.best = Math.max(run.best, decision.share);
  } else runs.push({ ...decision, first: hop, last: hop, count: 1, best: decision.share });
}

// The counter changes with every byte: the same byte with the same count is one byte cut in two by a lost or repeated frame.
function mergeRuns(runs: readonly Run[]): Run[] {
  const merged: Run[] = [];
  for (const run of runs) {
    const previous = merged.at(-1);
    if (previous && isSame(previous, run) && run.first - previous.last <= 4 * HOPS_PER_WINDOW) {
      previous.last = run.last;
      previous.best = Math.max(previous.best, run.best);
    } else merged.push({ ...run });
  }
  return merged;
}
