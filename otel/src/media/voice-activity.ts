import { rmsOf } from './mulaw.ts';

/** Decides for one 20 ms frame (160 samples, PCM16, 8 kHz) whether somebody speaks. The frame is reused: it must not be kept. */
export type VoiceActivity = { isSpeech(frame: Int16Array): boolean; close?(): void };

/** Speech is at least so loud (root mean square of PCM16), however quiet the line is. */
const QUIETEST_SPEECH_RMS = 130;
/** Speech stands so far above the noise of the line (9.5 dB). */
const ABOVE_FLOOR = 3;
const LOUDEST_FLOOR_RMS = 700;
/** The floor follows silence within half a second; under speech it creeps, so that steady noise becomes floor in the end. */
const FOLLOW_SILENCE = 0.05;
const FOLLOW_SPEECH = 0.0005;

/** Voice activity by energy over a noise floor that adapts to the line. It has no hang-over: the last voiced frame is the last loud one. */
export function createEnergyVoiceActivity(): VoiceActivity {
  let floorRms = 30;
  return {
    isSpeech(frame) {
      const rms = rmsOf(frame);
      const isSpeech = rms > Math.max(QUIETEST_SPEECH_RMS, ABOVE_FLOOR * floorRms);
      floorRms = Math.min(LOUDEST_FLOOR_RMS, floorRms + (rms - floorRms) * (isSpeech ? FOLLOW_SPEECH : FOLLOW_SILENCE));
      return isSpeech;
    },
  };
}
