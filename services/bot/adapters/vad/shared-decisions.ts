import type { VoiceActivity } from '../../domain/ports.ts';

/** More frames than ever wait between the two who listen. */
const KEPT = 64;

/** What one detector decides, for two who hear the same frames in the same order. */
export type SharedVoiceActivity = {
  /** Decides; each frame must be an array of its own. */
  readonly first: VoiceActivity;
  /** Is told what was decided for the same frame, sooner or later; decides itself what the first has never heard. */
  readonly second: VoiceActivity;
};

/** One voice activity detector for two listeners: the bot's ears, and whoever measures what they hear. */
export function shareVoiceActivity(detector: VoiceActivity): SharedVoiceActivity {
  const frames: Int16Array[] = [];
  const decisions: boolean[] = [];
  let listeners = 2;
  const close = () => {
    listeners -= 1;
    if (listeners === 0) detector.close();
  };
  return {
    first: {
      isSpeech(frame) {
        const isSpeech = detector.isSpeech(frame);
        frames.push(frame);
        decisions.push(isSpeech);
        if (frames.length > KEPT) forget(1);
        return isSpeech;
      },
      close,
    },
    second: {
      isSpeech(frame) {
        const at = frames.findIndex((heard) => isSame(heard, frame));
        if (at < 0) return detector.isSpeech(frame);
        const isSpeech = decisions[at] ?? false;
        forget(at + 1);
        return isSpeech;
      },
      close,
    },
  };

  function forget(count: number): void {
    frames.splice(0, count);
    decisions.splice(0, count);
  }
}

function isSame(one: Int16Array, other: Int16Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
