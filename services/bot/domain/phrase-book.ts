import { isCancelled } from './errors.ts';
import { PHRASE_KEYS, type PhraseKey, phrase } from './phrases.ts';
import type { Language, Synthesizer } from './ports.ts';

const SAMPLE_RATE_HZ = 8000;
const TONE_MS = 600;

/** Recordings of the phrases that must be sayable when the voice provider is down. */
export type PhraseBook = {
  /** Records what is missing; where the provider is down now, two tones stand in until the bot starts again. */
  prepare(signal: AbortSignal): Promise<void>;
  /** µ-law, 8 kHz: the recording, or two short tones. Never empty: the caller is never left in silence. */
  audioOf(language: Language, key: PhraseKey): Uint8Array;
};

/** @param encode PCM16 to µ-law */
export function createPhraseBook(synthesizer: Synthesizer, encode: (samples: Int16Array) => Uint8Array): PhraseBook {
  const recordings = new Map<string, Uint8Array>();
  const tone = encode(twoTones());
  const record = async (language: Language, key: PhraseKey, signal: AbortSignal) => {
    const id = `${language}.${key}`;
    if (recordings.has(id)) return;
    const turn = { callSid: 'prepare', turnIndex: 0 };
    const pieces: Uint8Array[] = [];
    for await (const piece of synthesizer.speak({ turn, text: phrase(language, key), language, signal }))
      pieces.push(piece);
    if (pieces.length > 0) recordings.set(id, new Uint8Array(Buffer.concat(pieces)));
  };
  return {
    async prepare(signal) {
      for (const language of ['fr', 'en'] as const) {
        for (const key of PHRASE_KEYS) {
          try {
            await record(language, key, signal);
          } catch (error) {
            if (isCancelled(error)) return;
          }
        }
      }
    },
    audioOf: (language, key) => recordings.get(`${language}.${key}`) ?? tone,
  };
}

function twoTones(): Int16Array {
  return Int16Array.from({ length: (SAMPLE_RATE_HZ * TONE_MS) / 1000 }, (_, index) => {
    const atMs = (index * 1000) / SAMPLE_RATE_HZ;
    const silent = atMs > 200 && atMs < 400;
    return silent ? 0 : Math.round(6000 * Math.sin((2 * Math.PI * 440 * index) / SAMPLE_RATE_HZ));
  });
}
