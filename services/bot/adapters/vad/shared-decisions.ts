import type { VoiceActivity } from '../../domain/ports.ts';

/** More frames than ever wait between the two who listen. */
const KEPT = 64;

/** What one detector decides, for two who hear the same frames in the same order. */
export type SharedVoiceActivity = {
  /** Decides; each frame must be an array of its own. */
  readonly first: VoiceActivity;
  /**
   * Called once, by whoever listens second, if anybody does: is told what was decided for the same audio, sooner or later;
   * decides itself what the first has never heard.
   */
  readonly second: () => VoiceActivity;
};

/** One voice activity detector for two listeners: the bot's ears, and whoever measures what they hear. */
export function shareVoiceActivity(detector: VoiceActivity): SharedVoiceActivity {
  const frames: (Int16Array | undefined)[] = Array.from({ length: KEPT }, () => undefined);
  const decisions: boolean[] = Array.from({ length: KEPT }, () => false);
  let oldest = 0;
  let next = 0;
  let listeners = 1;
  const close = () => {
    listeners -= 1;
    if (listeners === 0) detector.close();
  };
  return {
    first: {
      isSpeech(frame) {
        const isSpeech = detector.isSpeech(frame);
        if (listeners === 1) return isSpeech;
        frames[next % KEPT] = frame;
        decisions[next % KEPT] = isSpeech;
        next += 1;
        if (next - oldest > KEPT) oldest = next - KEPT;
        return isSpeech;
      },
      close,
    },
    second() {
      listeners += 1;
      return { isSpeech: decided, close };
    },
  };

  function decided(frame: Int16Array): boolean {
    for (let at = oldest; at < next; at += 1) {
      if (!isSame(frames[at % KEPT], frame)) continue;
      oldest = at + 1;
      return decisions[at % KEPT] ?? false;
    }
    return detector.isSpeech(frame);
  }
}

function isSame(one: Int16Array | undefined, other: Int16Array): boolean {
  if (one?.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
