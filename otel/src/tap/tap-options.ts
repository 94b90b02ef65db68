import { checkOptions, type OptionRule } from '../check-options.ts';
import type { GeneratedAudio } from '../gap/turn-spans.ts';
import { createEnergyVoiceActivity, type VoiceActivity } from '../media/voice-activity.ts';

/** Fifty frames are little memory, and nobody learns later than this that the caller has begun to speak. */
const LONGEST_LOOK_MS = 1000;

/** How a media stream is measured; every option has a default that works. */
export type MediaTapOptions = {
  /** Makes the detector that decides which frames hold the caller's speech; default: energy over an adaptive floor. */
  readonly createVoiceActivity?: () => VoiceActivity;
  /** Media milliseconds per real millisecond: 1 (default) on a telephone, more on a simulated line that runs faster. */
  readonly mediaRate?: number;
  /** Sends the kit's own marks and pings, whose echoes the bot never sees; default true. Without them waits rest on the bot's marks. */
  readonly probeMarks?: boolean;
  /** A silence of both sides longer than this (milliseconds of the caller's time) is told; default 3000. */
  readonly deadAirMs?: number;
  /**
   * Frames are looked at together, so late at the most (milliseconds, up to 1000, which is the default): one after the other
   * each costs several times as much. No figure depends on it. A voice activity detector that does more than answer
   * wants it small.
   */
  readonly lookEveryMs?: number;
  /** Milliseconds of audio that a turn's synthesis has made so far, for `voice.barge_in.generated_ms`. */
  readonly generatedAudioMs?: GeneratedAudio;
};

/** Options with every default in place. */
export type CheckedTapOptions = Required<Omit<MediaTapOptions, 'generatedAudioMs'>> &
  Pick<MediaTapOptions, 'generatedAudioMs'>;

const isFunction = (value: unknown) => typeof value === 'function';

const OPTIONS: Readonly<Record<keyof MediaTapOptions, OptionRule>> = {
  createVoiceActivity: { isRight: isFunction, expected: 'a function' },
  mediaRate: { isRight: isPositive, expected: 'a number above 0' },
  probeMarks: { isRight: (value) => typeof value === 'boolean', expected: 'true or false' },
  deadAirMs: { isRight: isPositive, expected: 'milliseconds above 0' },
  lookEveryMs: {
    isRight: (value) => isPositive(value) && Number(value) <= LONGEST_LOOK_MS,
    expected: `milliseconds above 0, up to ${LONGEST_LOOK_MS}`,
  },
  generatedAudioMs: { isRight: isFunction, expected: 'a function' },
};

/** @throws TypeError naming the option, its value and what is expected */
export function checkTapOptions(options: MediaTapOptions = {}): CheckedTapOptions {
  checkOptions('tapMediaStream', options, OPTIONS);
  const {
    createVoiceActivity = createEnergyVoiceActivity,
    mediaRate = 1,
    probeMarks = true,
    deadAirMs = 3000,
    lookEveryMs = LONGEST_LOOK_MS,
    generatedAudioMs,
  } = options;
  const checked = { createVoiceActivity, mediaRate, probeMarks, deadAirMs, lookEveryMs };
  return generatedAudioMs ? { ...checked, generatedAudioMs } : checked;
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
