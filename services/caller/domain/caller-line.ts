import { modulate } from '../../line/modem.ts';
import { decodeMulaw, encodeMulaw, MULAW_SILENCE } from '../../line/mulaw.ts';
import { isAudible } from './audible.ts';
import { type BotPhrase, createEar } from './ear.ts';
import { FRAME_BYTES } from './playout.ts';

/** Something the caller said. Samples are positions on the line (8 kHz, 0 = answered), null until they are reached. */
type CallerUtterance = {
  readonly text: string;
  /** false: the caller was muted, the line carried silence for as long as the words would have lasted. */
  readonly isVoiced: boolean;
  startSample: number | null;
  /** First voiced sample. */
  onsetSample: number | null;
  /** Just after the last voiced sample. */
  endSample: number | null;
};

/** Both directions of the caller's telephone, in ticks of 20 ms. */
export type CallerLine = {
  readonly utterances: readonly CallerUtterance[];
  readonly phrases: readonly BotPhrase[];
  /** Where the bot emptied the line's buffer: what plays on is at most the 20 ms frame that had begun. */
  readonly clears: readonly number[];
  /** Samples since the call was answered. */
  position(): number;
  /** Start of what the bot is saying now, or null when it is quiet. */
  botSpeakingSince(): number | null;
  /** Queues the words; resolves when they have been spoken, rejects when the call ends first. */
  speak(text: string): Promise<void>;
  /** Resolves with true as soon as `isTrue` holds at a tick, with false after `timeoutMs` of the line; rejects when the call ends first. */
  until(isTrue: () => boolean, timeoutMs: number): Promise<boolean>;
  /** One tick: gives the caller's 160 bytes to `exchange`, hears what it returns. */
  tick(exchange: (frame: Uint8Array) => Uint8Array | undefined): void;
  /** The bot has emptied the buffer now. */
  noteClear(): void;
  /** Ends the line: what the bot was saying becomes a phrase, all waiting is rejected. */
  close(): void;
};

/** `recordings`: what the first utterances sound like in place of the modem (µ-law, 8 kHz). `isMuted`: the words take their time but the line carries silence. The two hooks report as it happens. */
export type CallerLineOptions = {
  readonly isMuted: boolean;
  readonly recordings?: readonly Uint8Array[];
  readonly onCallerSpeaks?: (utterance: CallerUtterance) => void;
  readonly onBotSpoke?: (phrase: BotPhrase) => void;
};

type Waiter = {
  readonly isTrue: () => boolean;
  readonly deadline: number;
  readonly resolve: (value: boolean) => void;
  readonly reject: (reason: Error) => void;
};
type Spoken = {
  readonly bytes: Uint8Array;
  readonly utterance: CallerUtterance;
  readonly firstVoiced: number;
  readonly lastVoiced: number;
};

/** The telephone of a caller who speaks and listens through the modem. */
export function createCallerLine(options: CallerLineOptions): CallerLine {
  const ear = createEar(options.onBotSpoke);
  const mouth = createMouth(options);
  const clears: number[] = [];
  let waiters: Waiter[] = [];
  let position = 0;
  let isClosed = false;

  const until: CallerLine['until'] = (isTrue, timeoutMs) =>
    new Promise((resolve, reject) => {
      if (isClosed) reject(new Error('the call has ended'));
      else waiters.push({ isTrue, deadline: position + timeoutMs * 8, resolve, reject });
    });

  return {
    utterances: mouth.utterances,
    phrases: ear.phrases,
    clears,
    position: () => position,
    botSpeakingSince: ear.speakingSince,
    async speak(text) {
      const isSpoken = mouth.speak(text);
      await until(isSpoken, Number.POSITIVE_INFINITY);
    },
    until,
    tick(exchange) {
      position += FRAME_BYTES;
      // The frame sent now was spoken during the 20 ms before; what comes back plays during the 20 ms after.
      ear.hear(exchange(mouth.nextFrame(position - FRAME_BYTES)), position);
      const pending = waiters;
      waiters = [];
      for (const waiter of pending) {
        if (waiter.isTrue()) waiter.resolve(true);
        else if (position >= waiter.deadline) waiter.resolve(false);
        else waiters.push(waiter);
      }
    },
    noteClear: () => void clears.push(position),
    close() {
      isClosed = true;
      ear.close();
      for (const waiter of waiters) waiter.reject(new Error('the call has ended'));
      waiters = [];
    },
  };
}

/** Whole frames: a recording may end within one. */
function fillFrames(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(bytes.length / FRAME_BYTES) * FRAME_BYTES).fill(MULAW_SILENCE);
  whole.set(bytes);
  return whole;
}

function createMouth({ isMuted, recordings = [], onCallerSpeaks }: CallerLineOptions) {
  const utterances: CallerUtterance[] = [];
  const queue: Spoken[] = [];
  let spokenBytes = 0;
  return {
    utterances: utterances as readonly CallerUtterance[],
    /** Queues the words; the result says whether they have been spoken. */
    speak(text: string): () => boolean {
      const recording = recordings[utterances.length];
      const pcm = recording ? decodeMulaw(recording) : modulate(text, { voice: 'caller' });
      const utterance: CallerUtterance = {
        text,
        isVoiced: !isMuted,
        startSample: null,
        onsetSample: null,
        endSample: null,
      };
      utterances.push(utterance);
      const voiced = { firstVoiced: pcm.findIndex(isAudible), lastVoiced: pcm.findLastIndex(isAudible) };
      const spoken = { bytes: fillFrames(recording ?? encodeMulaw(pcm)), utterance, ...voiced };
      queue.push(spoken);
      return () => !queue.includes(spoken);
    },
    /** The 160 bytes whose first sample is at `start` of the line. */
    nextFrame(start: number): Uint8Array {
      const silence = new Uint8Array(FRAME_BYTES).fill(MULAW_SILENCE);
      const [head] = queue;
      if (!head) return silence;
      if (spokenBytes === 0) {
        head.utterance.startSample = start;
        head.utterance.onsetSample = start + head.firstVoiced;
        onCallerSpeaks?.(head.utterance);
      }
      const frame = head.bytes.subarray(spokenBytes, spokenBytes + FRAME_BYTES);
      if (spokenBytes + FRAME_BYTES >= head.bytes.length) {
        head.utterance.endSample = start - spokenBytes + head.lastVoiced + 1;
        queue.shift();
        spokenBytes = 0;
      } else spokenBytes += FRAME_BYTES;
      return isMuted ? silence : frame;
    },
  };
}
