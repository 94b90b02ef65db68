import type { GeneratedAudio } from '../gap/turn-spans.ts';
import type { VoiceActivity } from '../media/voice-activity.ts';

type OnFailure = (error: unknown) => void;

/** A detector that never throws: a frame that it fails on holds no speech. What it threw goes to `onFailure`. */
export function guardVoiceActivity(vad: VoiceActivity, onFailure: OnFailure): VoiceActivity {
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
