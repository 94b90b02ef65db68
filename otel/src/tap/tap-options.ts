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

const KEYS: Readonly<Record<keyof MediaTapOptions, true>> = {
  createVoiceActivity: true,
  mediaRate: true,
  probeMarks: true,
  deadAirMs: true,
  lookEveryMs: true,
  generatedAudioMs: true,
};

/** @throws TypeError naming the option, its value and what is expected */
export function checkTapOptions(options: MediaTapOptions = {}): CheckedTapOptions {
  checkKeys(options);
  const {
    createVoiceActivity = createEnergyVoiceActivity,
    mediaRate = 1,
    probeMarks = true,
    deadAirMs = 3000,
    lookEveryMs = LONGEST_LOOK_MS,
  } = options;
  const { generatedAudioMs } = options;
  if (typeof createVoiceActivity !== 'function') fail('createVoiceActivity', createVoiceActivity, 'a function');
  if (!isPositive(mediaRate)) fail('mediaRate', mediaRate, 'a number above 0');
  if (typeof probeMarks !== 'boolean') fail('probeMarks', probeMarks, 'true or false');
  if (!isPositive(deadAirMs)) fail('deadAirMs', deadAirMs, 'milliseconds above 0');
  if (!isPositive(lookEveryMs) || lookEveryMs > LONGEST_LOOK_MS) {
    fail('lookEveryMs', lookEveryMs, `milliseconds above 0, up to ${LONGEST_LOOK_MS}`);
  }
  if (generatedAudioMs !== undefined && typeof generatedAudioMs !== 'function') {
    fail('generatedAudioMs', generatedAudioMs, 'a function');
  }
  const checked = { createVoiceActivity, mediaRate, probeMarks, deadAirMs, lookEveryMs };
  return generatedAudioMs ? { ...checked, generatedAudioMs } : checked;
}

function checkKeys(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) fail('options', options, 'an object');
  for (const [key, value] of Object.entries(options)) {
    if (!Object.hasOwn(KEYS, key)) fail(key, value, `one of ${Object.keys(KEYS).join(', ')}`);
  }
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function fail(name: string, value: unknown, expected: string): never {
  const isPlain = typeof value === 'number' || typeof value === 'bigint';
  const shown = isPlain ? String(value) : (JSON.stringify(value) ?? typeof value);
  throw new TypeError(`${name} is ${shown}; expected ${expected}`);
}
