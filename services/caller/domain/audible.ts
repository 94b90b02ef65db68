// About 44 dB below full scale: µ-law's own noise and the ends of a ramp are quieter, a whisper is louder.
const AUDIBLE_AMPLITUDE = 200;

/** Whether a PCM16 sample is loud enough to count as sound: the same measure for the caller's last word and the bot's first. */
export function isAudible(sample: number): boolean {
  return Math.abs(sample) > AUDIBLE_AMPLITUDE;
}
