import { hasMethods, wrongArgument } from '../check-options.ts';
import type { GeneratedAudio } from '../gap/turn-spans.ts';
import { createEnergyVoiceActivity, type VoiceActivity } from '../media/voice-activity.ts';

type OnFailure = (error: unknown) => void;

/**
 * A detector that never throws: a frame that it fails on holds no speech. When none is made, or what is made is none, the
 * kit's own listens. What was thrown goes to `onFailure`.
 */
export function startVoiceActivity(create: () => VoiceActivity, onFailure: OnFailure): VoiceActivity {
  const vad = guard(() => checked(create()), onFailure) ?? createEnergyVoiceActivity();
  return {
    isSpeech(frame) {
      try {
        return vad.isSpeech(frame);
      } catch (error) {
        onFailure(error);
        return false;
      }
    },
    close: () => guard(() => vad.close?.(), onFailure),
  };
}

function checked(vad: unknown): VoiceActivity {
  if (hasMethods(vad, ['isSpeech'])) return vad as VoiceActivity;
  throw wrongArgument('what createVoiceActivity returns', vad, 'a detector with isSpeech(frame)');
}

/** A count that never throws: when it fails, it is not known. What it threw goes to `onFailure`. */
export function guardGeneratedAudio(
  count: GeneratedAudio | undefined,
  onFailure: OnFailure,
): GeneratedAudio | undefined {
  if (!count) return undefined;
  return (turnIndex) => guard(() => count(turnIndex), onFailure);
}

function guard<T>(work: () => T, onFailure: OnFailure): T | undefined {
  try {
    return work();
  } catch (error) {
    onFailure(error);
    return undefined;
  }
}
