import type { Clock } from '../../line/clock.ts';
import type { VoiceActivity } from './ports.ts';
import { createWatch } from './watch.ts';

const FRAME_MS = 20;
const FRAME_SAMPLES = 160;
/** So many speech frames in a row begin an utterance: a click does not. */
const ONSET_FRAMES = 3;
/** Audio before the onset that belongs to the utterance: the first consonant is quiet. */
const PREROLL_FRAMES = 10;
const MAX_UTTERANCE_MS = 20_000;
/** Lost audio is replaced by silence up to this length; a longer hole is a new beginning. */
const MAX_PADDED_MS = 10_000;
/** Frames may overtake each other by so much; a larger step back is a clock that was set anew. */
const REORDER_MS = 60;

/** What the caller said, from onset to last voiced frame. Times are of the call's clock, milliseconds. */
export type Utterance = {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** PCM16, 8 kHz, with a little silence at both ends. */
  readonly samples: Int16Array;
};

/** Turns 20 ms frames into utterances. Every decision counts frames of the media clock, never wall time. */
export type Ears = {
  /** `timestampMs`: presentation time of the frame in the stream's media clock. */
  hear(frame: Int16Array, timestampMs: number): void;
  readonly speaking: boolean;
  /** Gives on what the caller was just saying. */
  close(): void;
};

export type EarsOptions = {
  readonly vad: VoiceActivity;
  readonly clock: Clock;
  /** Silence that ends an utterance. */
  readonly endSilenceMs: number;
  /** While somebody speaks, so long without any frame ends the utterance: the caller must not wait for a dead line. */
  readonly stallMs: number;
  /** `preroll`: what was heard until now that belongs to the utterance. */
  readonly onOnset: (startedAtMs: number, preroll: readonly Int16Array[]) => void;
  /** A further frame of the utterance, lost ones as silence. */
  readonly onFrame?: (frame: Int16Array) => void;
  readonly onUtterance: (utterance: Utterance) => void;
};

export function createEars(options: EarsOptions): Ears {
  const { vad, clock, endSilenceMs, stallMs, onOnset, onFrame, onUtterance } = options;
  let frames: Int16Array[] = [];
  let voicedRun = 0;
  let speaking = false;
  let silenceMs = 0;
  let onsetMs = 0;
  let voicedEndMs = 0;
  let nextTimestampMs: number | undefined;
  let offsetMs = Number.POSITIVE_INFINITY;

  // The least delayed frame tells best how media time lies in clock time.
  const toClock = (mediaMs: number) => mediaMs + offsetMs;

  const finish = () => {
    stallWatch.cancel();
    const utterance = { startedAtMs: toClock(onsetMs), endedAtMs: toClock(voicedEndMs), samples: concatenate(frames) };
    speaking = false;
    frames = [];
    voicedRun = 0;
    onUtterance(utterance);
  };

  /** The media clock was set anew: what was heard so far is one utterance, the rest begins afresh. */
  const restart = () => {
    if (speaking) finish();
    frames.length = 0;
    nextTimestampMs = undefined;
    offsetMs = Number.POSITIVE_INFINITY;
  };

  const stallWatch = createWatch(clock, stallMs, () => {
    finish();
  });

  const begin = (timestampMs: number) => {
    speaking = true;
    silenceMs = 0;
    onsetMs = timestampMs - (ONSET_FRAMES - 1) * FRAME_MS;
    voicedEndMs = timestampMs + FRAME_MS;
    onOnset(toClock(onsetMs), frames);
  };

  const take = (frame: Int16Array, timestampMs: number) => {
    const voiced = vad.isSpeech(frame);
    voicedRun = voiced ? voicedRun + 1 : 0;
    frames.push(frame);
    if (!speaking) {
      if (frames.length > PREROLL_FRAMES) frames.shift();
      if (voicedRun >= ONSET_FRAMES) begin(timestampMs);
      return;
    }
    onFrame?.(frame);
    silenceMs = voiced ? 0 : silenceMs + FRAME_MS;
    if (voiced) voicedEndMs = timestampMs + FRAME_MS;
    if (silenceMs >= endSilenceMs || frames.length * FRAME_MS >= MAX_UTTERANCE_MS) finish();
  };

  return {
    get speaking() {
      return speaking;
    },
    hear(frame, timestampMs) {
      const stepMs = timestampMs - (nextTimestampMs ?? timestampMs);
      if (stepMs < -REORDER_MS || stepMs >= MAX_PADDED_MS) restart();
      // Late or repeated frames were already replaced by silence.
      else if (stepMs < 0) return;
      offsetMs = Math.min(offsetMs, clock.now() - timestampMs);
      const fromMs = nextTimestampMs ?? timestampMs;
      for (let at = fromMs; at + FRAME_MS <= timestampMs; at += FRAME_MS) take(new Int16Array(FRAME_SAMPLES), at);
      nextTimestampMs = timestampMs + FRAME_MS;
      take(frame, timestampMs);
      if (speaking) stallWatch.restart();
    },
    close() {
      if (speaking) finish();
      vad.close();
    },
  };
}

function concatenate(frames: readonly Int16Array[]): Int16Array {
  const samples = new Int16Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    samples.set(frame, at);
    at += frame.length;
  }
  return samples;
}
