/** Server VAD as the session sets it. */
export type VadSettings = {
  /** 0 to 1; louder speech is needed the higher it is. */
  readonly threshold: number;
  readonly prefixPaddingMs: number;
  readonly silenceDurationMs: number;
};

/** `started`: where the turn's audio begins, padding included. `stopped`: where it ends, the silence included. */
export type TurnEvent = { readonly kind: 'started' | 'stopped'; readonly atMs: number };

export type TurnDetector = {
  /** The events that these samples bring. */
  feed(samples: Int16Array): readonly TurnEvent[];
  isSpeaking(): boolean;
};

const FRAME_MS = 20;
const ONSET_FRAMES = 3;
/** RMS of PCM16 that threshold 1 stands for: speech on a telephone line is louder, its noise softer. */
const FULL_RMS = 1_000;

function isLoud(frame: Int16Array, threshold: number): boolean {
  let sum = 0;
  for (const sample of frame) sum += sample * sample;
  return Math.sqrt(sum / frame.length) > threshold * FULL_RMS;
}

/** Finds turns by energy alone. Times are milliseconds since the session's first sample; the first one fed stands at `originMs`. */
export function createTurnDetector(rateHz: number, settings: VadSettings, originMs = 0): TurnDetector {
  const size = (rateHz * FRAME_MS) / 1_000;
  const frame = new Int16Array(size);
  let filled = 0;
  let frames = 0;
  let loudFrames = 0;
  let quietFrames = 0;
  let isSpeaking = false;
  const endFrame = (): TurnEvent | null => {
    frames += 1;
    const loud = isLoud(frame, settings.threshold);
    loudFrames = loud ? loudFrames + 1 : 0;
    quietFrames = loud ? 0 : quietFrames + 1;
    const nowMs = originMs + frames * FRAME_MS;
    if (!isSpeaking && loudFrames >= ONSET_FRAMES) {
      isSpeaking = true;
      return { kind: 'started', atMs: Math.max(0, nowMs - ONSET_FRAMES * FRAME_MS - settings.prefixPaddingMs) };
    }
    if (!isSpeaking || quietFrames * FRAME_MS < settings.silenceDurationMs) return null;
    isSpeaking = false;
    return { kind: 'stopped', atMs: nowMs };
  };
  return {
    isSpeaking: () => isSpeaking,
    feed(samples) {
      const events: TurnEvent[] = [];
      for (let at = 0; at < samples.length; ) {
        const part = samples.subarray(at, at + size - filled);
        frame.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < size) break;
        filled = 0;
        const event = endFrame();
        if (event) events.push(event);
      }
      return events;
    },
  };
}
