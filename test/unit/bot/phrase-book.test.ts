import { ProviderError } from '../../../services/bot/domain/errors.ts';
import {
  createPhraseBook,
  playRecordings,
  type RecordingName,
  type RecordingStore,
} from '../../../services/bot/domain/phrase-book.ts';
import { PHRASE_KEYS } from '../../../services/bot/domain/phrases.ts';
import type { SpeechRequest, Synthesizer } from '../../../services/bot/domain/ports.ts';

const never = new AbortController().signal;
const encode = (samples: Int16Array) => new Uint8Array(samples.length);
const PHRASES = 2 * PHRASE_KEYS.length;

/** A voice that counts what is asked of it; down when told so. */
function createVoice() {
  const asked: string[] = [];
  const state = { down: false };
  const synthesizer: Synthesizer = {
    async *speak({ text }) {
      asked.push(text);
      if (state.down) throw new ProviderError('api', 'down');
      yield new Uint8Array([1, 2]);
      yield new Uint8Array([3]);
    },
  };
  return { asked, state, synthesizer };
}

function createStore(): RecordingStore & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  const nameOf = ({ text, language }: RecordingName) => `${language} ${text}`;
  return {
    kept,
    load: async (name) => kept.get(nameOf(name)),
    save: async (name, audio) => void kept.set(nameOf(name), audio),
  };
}

const greeting: SpeechRequest = {
  turn: { callSid: 'CA1', turnIndex: 0 },
  text: 'Bonjour, que puis-je faire pour vous ?',
  language: 'fr',
  phrase: 'greeting',
  signal: never,
};

async function hear(synthesizer: Synthesizer, request = greeting): Promise<number[]> {
  const bytes: number[] = [];
  for await (const piece of synthesizer.speak(request)) bytes.push(...piece);
  return bytes;
}

test('the first start records every phrase once, the second asks nobody', async () => {
  const { asked, synthesizer } = createVoice();
  const store = createStore();
  await createPhraseBook({ synthesizer, encode, store }).prepare(never);
  expect(asked).toHaveLength(PHRASES);
  const second = createPhraseBook({ synthesizer, encode, store });
  await second.prepare(never);
  expect(asked).toHaveLength(PHRASES);
  expect(second.find('en', 'filler')).toEqual(new Uint8Array([1, 2, 3]));
});

test('only what is missing is recorded', async () => {
  const { asked, synthesizer } = createVoice();
  const store = createStore();
  await createPhraseBook({ synthesizer, encode, store }).prepare(never);
  store.kept.delete(`fr ${greeting.text}`);
  asked.length = 0;
  await createPhraseBook({ synthesizer, encode, store }).prepare(never);
  expect(asked).toEqual([greeting.text]);
});

test('a recorded phrase is played without asking, a new one is asked for and kept', async () => {
  const { asked, synthesizer } = createVoice();
  const lookUps: string[] = [];
  const book = createPhraseBook({ synthesizer, encode, store: createStore() });
  const voice = playRecordings(synthesizer, book, (result) => lookUps.push(result));
  expect(voice.isCached?.(greeting)).toBe(false);
  expect(await hear(voice)).toEqual([1, 2, 3]);
  expect(voice.isCached?.(greeting)).toBe(true);
  expect(await hear(voice)).toEqual([1, 2, 3]);
  expect(asked).toHaveLength(1);
  expect(lookUps).toEqual(['miss', 'hit']);
});

test('a sentence that is no phrase is never looked up nor kept', async () => {
  const { asked, synthesizer } = createVoice();
  const lookUps: string[] = [];
  const book = createPhraseBook({ synthesizer, encode });
  const voice = playRecordings(synthesizer, book, (result) => lookUps.push(result));
  const { phrase: _phrase, ...sentence } = greeting;
  await hear(voice, sentence);
  await hear(voice, sentence);
  expect(asked).toHaveLength(2);
  expect(lookUps).toEqual([]);
  expect(voice.isCached?.(sentence)).toBe(false);
});

test('a phrase that was interrupted is not kept as its recording', async () => {
  const { synthesizer } = createVoice();
  const book = createPhraseBook({ synthesizer, encode });
  const pieces = playRecordings(synthesizer, book).speak(greeting)[Symbol.asyncIterator]();
  await pieces.next();
  await pieces.return?.();
  expect(book.find('fr', 'greeting')).toBeUndefined();
});

test('with the voice down at start two tones stand in, until the phrase is said', async () => {
  const { state, synthesizer } = createVoice();
  const book = createPhraseBook({ synthesizer, encode });
  state.down = true;
  await book.prepare(never);
  expect(book.find('fr', 'greeting')).toBeUndefined();
  expect(book.audioOf('fr', 'greeting').length).toBe(4800);
  state.down = false;
  await hear(playRecordings(synthesizer, book));
  expect(book.audioOf('fr', 'greeting')).toEqual(new Uint8Array([1, 2, 3]));
});

test('a phrase that is said while the others are being recorded is asked for once', async () => {
  const { asked, synthesizer } = createVoice();
  const book = createPhraseBook({
    encode,
    synthesizer: {
      async *speak(request) {
        if (asked.length === 0) await book.keep('en', 'filler', new Uint8Array([7]));
        yield* synthesizer.speak(request);
      },
    },
  });
  await book.prepare(never);
  expect(asked).toHaveLength(PHRASES - 1);
  expect(book.find('en', 'filler')).toEqual(new Uint8Array([7]));
});
