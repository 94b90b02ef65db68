/** Where the modem's tones lie. Every tone is an exact bin of a 128-sample DFT at 8 kHz (62.5 Hz apart), so clean tones do not leak into each other. */

/** Whose voice: each has its own counter tones, so that an echo of one is not taken for the other. */
export type Voice = 'caller' | 'agent';

/** Samples a second of everything on the line. */
export const SAMPLE_RATE_HZ = 8000;

/** Samples in one 20 ms frame, the unit that Twilio sends and that a network loses. */
export const FRAME_SAMPLES = 160;

/** Samples of the analysis window; a tone of bin `k` is `k * 62.5` Hz. */
export const WINDOW_SAMPLES = 128;

const range = (first: number, step: number, length: number) =>
  Array.from({ length }, (_, index) => first + step * index);

/** Bins of the 16 tones for the upper four bits: 312.5 to 1250 Hz. */
export const HIGH_BINS: readonly number[] = range(5, 1, 16);

/** Bins of the 16 tones for the lower four bits: 1375 to 2312.5 Hz. */
export const LOW_BINS: readonly number[] = range(22, 1, 16);

/** Bins of the four tones that count bytes modulo 4, so that a repeated letter is two letters: 2437.5 to 3062.5 Hz. */
export const COUNTER_BINS: Readonly<Record<Voice, readonly number[]>> = {
  caller: range(39, 3, 4),
  agent: range(40, 3, 4),
};
