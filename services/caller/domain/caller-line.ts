import { demodulateUtterances, modulate } from '../../line/modem.ts';
import { decodeMulaw, encodeMulaw, MULAW_SILENCE } from '../../line/mulaw.ts';
import { FRAME_BYTES } from './playout.ts';

/** Something the caller said. Samples are positions on the line (8 kHz, 0 = answered), null until they are reached. */
type CallerUtterance = {
  readonly text: string;
  /** false: the caller was muted, the line carried silence for as long as the words would have lasted. */
  readonly isVoiced: boolean;
  startSample: number | null;
  /** Just after the last voiced sample. */
  endSample: number | null;
};

/** Something the bot was heard to say: sound without a pause of 300 ms. `text` is what could be demodulated, '' for other sound. */
type BotPhrase = { readonly text: string; readonly startSample: number; readonly endSample: number };

/** Both directions of the caller's telephone, in ticks of 20 ms. */
export type CallerLine = {
  readonly utterances: readonly CallerUtterance[];
  readonly phrases: readonly BotPhrase[];
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
  /** Ends the line: what the bot was saying becomes a phrase, all waiting is rejected. */
  close(): void;
};

/** `isMuted`: the words take their time but the line carries silence. The two hooks report as it happens. */
export type CallerLineOptions = {
  readonly isMuted: boolean;
  readonly onCallerSpeaks?: (utterance: CallerUtterance) => void;
  readonly onBotSpoke?: (phrase: BotPhrase) => void;
};

type Waiter = {
  readonly isTrue: () => boolean;
  readonly deadline: number;
  readonly resolve: (value: boolean) => void;
  readonly reject: (reason: Error) => void;
};
type Spoken = { readonly bytes: Uint8Array; readonly utterance: CallerUtterance; readonly lastVoiced: number };

const PHRASE_GAP_SAMPLES = 0.3 * 8000;
const AUDIBLE_AMPLITUDE = 200;

const isAudible = (sample: number) => Math.abs(sample) > AUDIBLE_AMPLITUDE;

/** The telephone of a caller who speaks and listens through the modem. */
export function createCallerLine(options: CallerLineOptions): CallerLine {
  const ear = createEar(options.onBotSpoke);
  const utterances: CallerUtterance[] = [];
  const mouth: Spoken[] = [];
  let waiters: Waiter[] = [];
  let spokenBytes = 0;
  let position = 0;
  let isClosed = false;

  const nextFrame = (): Uint8Array => {
    const silence = new Uint8Array(FRAME_BYTES).fill(MULAW_SILENCE);
    const [head] = mouth;
    if (!head) return silence;
    // The frame sent now was spoken during the 20 ms before.
    const start = position - FRAME_BYTES;
    if (spokenBytes === 0) {
      head.utterance.startSample = start;
      options.onCallerSpeaks?.(head.utterance);
    }
    const frame = head.bytes.subarray(spokenBytes, spokenBytes + FRAME_BYTES);
    spokenBytes += FRAME_BYTES;
    if (spokenBytes >= head.bytes.length) {
      head.utterance.endSample = start - (spokenBytes - FRAME_BYTES) + head.lastVoiced + 1;
      mouth.shift();
      spokenBytes = 0;
    }
    return options.isMuted ? silence : frame;
  };

  const until: CallerLine['until'] = (isTrue, timeoutMs) =>
    new Promise((resolve, reject) => {
      if (isClosed) reject(new Error('the call has ended'));
      else waiters.push({ isTrue, deadline: position + timeoutMs * 8, resolve, reject });
    });

  return {
    utterances,
    phrases: ear.phrases,
    position: () => position,
    botSpeakingSince: ear.speakingSince,
    async speak(text) {
      const pcm = modulate(text, { voice: 'caller' });
      const utterance: CallerUtterance = { text, isVoiced: !options.isMuted, startSample: null, endSample: null };
      utterances.push(utterance);
      const spoken = { bytes: encodeMulaw(pcm), utterance, lastVoiced: pcm.findLastIndex(isAudible) };
      mouth.push(spoken);
      await until(() => !mouth.includes(spoken), Number.POSITIVE_INFINITY);
    },
    until,
    tick(exchange) {
      position += FRAME_BYTES;
      ear.hear(exchange(nextFrame()), position);
      const pending = waiters;
      waiters = [];
      for (const waiter of pending) {
        if (waiter.isTrue()) waiter.resolve(true);
        else if (position >= waiter.deadline) waiter.resolve(false);
        else waiters.push(waiter);
      }
    },
    close() {
      isClosed = true;
      ear.close();
      for (const waiter of waiters) waiter.reject(new Error('the call has ended'));
      waiters = [];
    },
  };
}

function createEar(onBotSpoke: ((phrase: BotPhrase) => void) | undefined) {
  const phrases: BotPhrase[] = [];
  let frames: Int16Array[] = [];
  let framesStart = 0;
  let onset: number | null = null;
  let lastAudible = 0;

  const endPhrase = () => {
    if (onset === null) return;
    const pcm = new Int16Array(frames.length * FRAME_BYTES);
    frames.forEach((frame, index) => {
      pcm.set(frame, index * FRAME_BYTES);
    });
    const text = demodulateUtterances(pcm, { voice: 'agent' }).map((heard) => heard.text);
    const phrase = { text: text.join(' '), startSample: onset, endSample: lastAudible + 1 };
    onset = null;
    frames = [];
    phrases.push(phrase);
    onBotSpoke?.(phrase);
  };

  return {
    phrases: phrases as readonly BotPhrase[],
    speakingSince: () => onset,
    hear(played: Uint8Array | undefined, start: number): void {
      const pcm = played ? decodeMulaw(played) : new Int16Array(FRAME_BYTES);
      const first = played ? pcm.findIndex(isAudible) : -1;
      if (onset === null && first < 0) return;
      if (onset === null) {
        onset = start + first;
        framesStart = start;
      }
      frames.push(pcm);
      if (first >= 0) lastAudible = start + pcm.findLastIndex(isAudible);
      else if (framesStart + frames.length * FRAME_BYTES - lastAudible > PHRASE_GAP_SAMPLES) endPhrase();
    },
    close: endPhrase,
  };
}
