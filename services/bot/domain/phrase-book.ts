import { isCancelled } from './errors.ts';
import { PHRASE_KEYS, phrase } from './phrases.ts';
import type { Language, PhraseKey, SpeechRequest, Synthesizer } from './ports.ts';

const SAMPLE_RATE_HZ = 8000;
const TONE_MS = 600;
const LANGUAGES = ['fr', 'en'] as const;

/** Where recordings outlive the process. `name` is unique for words, voice and provider. Neither throws. */
export type RecordingStore = {
  /** µ-law, 8 kHz; undefined when there is none, or what is there is damaged. */
  load(name: RecordingName): Promise<Uint8Array | undefined>;
  save(name: RecordingName, audio: Uint8Array): Promise<void>;
};
/** What a recording says, in which language. */
export type RecordingName = { readonly text: string; readonly language: Language };

/** Recordings of the fixed phrases: played at once, and sayable when the voice provider is down. */
export type PhraseBook = {
  /** Reads what is stored and records what is missing; what the provider does not give now is kept when it is first said. */
  prepare(signal: AbortSignal): Promise<void>;
  /** µ-law, 8 kHz; undefined when there is no recording yet. */
  find(language: Language, key: PhraseKey): Uint8Array | undefined;
  /** The recording, or two short tones. Never empty: the caller is never left in silence. */
  audioOf(language: Language, key: PhraseKey): Uint8Array;
  /** Takes a complete recording. */
  keep(language: Language, key: PhraseKey, audio: Uint8Array): Promise<void>;
};

export type PhraseBookOptions = {
  readonly synthesizer: Synthesizer;
  /** PCM16 to µ-law. */
  readonly encode: (samples: Int16Array) => Uint8Array;
  readonly store?: RecordingStore;
};

export function createPhraseBook({ synthesizer, encode, store }: PhraseBookOptions): PhraseBook {
  const recordings = new Map<string, Uint8Array>();
  const tone = encode(twoTones());
  const find = (language: Language, key: PhraseKey) => recordings.get(`${language}.${key}`);
  const put = (language: Language, key: PhraseKey, audio: Uint8Array) => recordings.set(`${language}.${key}`, audio);
  const keep = async (language: Language, key: PhraseKey, audio: Uint8Array) => {
    if (audio.length === 0) return;
    put(language, key, audio);
    await store?.save({ text: phrase(language, key), language }, audio);
  };
  const record = async (language: Language, key: PhraseKey, signal: AbortSignal) => {
    const turn = { callSid: PREPARING, turnIndex: 0 };
    const pieces: Uint8Array[] = [];
    for await (const piece of synthesizer.speak({ turn, text: phrase(language, key), language, signal }))
      pieces.push(piece);
    await keep(language, key, concatenate(pieces));
  };
  return {
    find,
    audioOf: (language, key) => find(language, key) ?? tone,
    keep,
    async prepare(signal) {
      const missing: [Language, PhraseKey][] = [];
      for (const language of LANGUAGES) {
        for (const key of PHRASE_KEYS) {
          const stored = find(language, key) ?? (await store?.load({ text: phrase(language, key), language }));
          if (stored) put(language, key, stored);
          else missing.push([language, key]);
        }
      }
      for (const [language, key] of missing) {
        try {
          if (!find(language, key)) await record(language, key, signal);
        } catch (error) {
          if (isCancelled(error)) return;
        }
      }
    },
  };
}

/** The call id under which phrases are recorded: no call's. */
export const PREPARING = 'prepare';

/** What a look-up among the recordings came to. */
export type LookUp = 'hit' | 'miss';

/**
 * A synthesizer that plays the recording of a fixed phrase at once; a phrase without one is asked for, and kept when it came to
 * its end.
 * @param onLookUp told of each fixed phrase that is spoken
 */
export function playRecordings(
  synthesizer: Synthesizer,
  book: PhraseBook,
  onLookUp: (result: LookUp) => void = () => undefined,
): Synthesizer {
  const recordingOf = ({ language, phrase: key }: Pick<SpeechRequest, 'language' | 'phrase'>) =>
    key && book.find(language, key);
  return {
    isCached: (request) => recordingOf(request) !== undefined,
    async *speak(request) {
      const recording = recordingOf(request);
      if (request.phrase) onLookUp(recording ? 'hit' : 'miss');
      if (recording) {
        yield recording;
        return;
      }
      const pieces: Uint8Array[] = [];
      for await (const piece of synthesizer.speak(request)) {
        if (request.phrase) pieces.push(piece);
        yield piece;
      }
      if (request.phrase) void book.keep(request.language, request.phrase, concatenate(pieces));
    },
  };
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

function twoTones(): Int16Array {
  return Int16Array.from({ length: (SAMPLE_RATE_HZ * TONE_MS) / 1000 }, (_, index) => {
    const atMs = (index * 1000) / SAMPLE_RATE_HZ;
    const silent = atMs > 200 && atMs < 400;
    return silent ? 0 : Math.round(6000 * Math.sin((2 * Math.PI * 440 * index) / SAMPLE_RATE_HZ));
  });
}
