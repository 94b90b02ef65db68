import { modulatedDurationMs } from '../../../services/line/modem.ts';
import { takeHeard } from '../../../services/openai/domain/realtime/audio.ts';
import { createInputBuffer } from '../../../services/openai/domain/realtime/input-buffer.ts';
import { createTurnDetector } from '../../../services/openai/domain/realtime/turn-detector.ts';
import { findWordsToSay, type VoiceRequest } from '../../../services/openai/domain/realtime/words.ts';

const SETTINGS = { threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 500 };
const tone = (ms: number, amplitude = 4_000) => Int16Array.from({ length: ms * 8 }, (_, i) => amplitude * (-1) ** i);

test('a turn begins with its padding and ends when the silence has lasted, however the audio is cut', () => {
  const all = Int16Array.from([...tone(1_000, 0), ...tone(800), ...tone(200, 0), ...tone(400), ...tone(700, 0)]);
  for (const size of [all.length, 160, 93]) {
    const detector = createTurnDetector(8_000, SETTINGS);
    const events = [];
    for (let at = 0; at < all.length; at += size) events.push(...detector.feed(all.subarray(at, at + size)));
    expect(events).toEqual([
      { kind: 'started', atMs: 700 },
      { kind: 'stopped', atMs: 2_900 },
    ]);
    expect(detector.isSpeaking()).toBe(false);
  }
});

test('a click is no speech, and a higher threshold asks for louder speech', () => {
  expect(createTurnDetector(8_000, SETTINGS).feed(Int16Array.from([...tone(40), ...tone(800, 0)]))).toEqual([]);
  const quiet = tone(400, 700);
  expect(createTurnDetector(8_000, SETTINGS).feed(quiet)).toHaveLength(1);
  expect(createTurnDetector(8_000, { ...SETTINGS, threshold: 0.9 }).feed(quiet)).toEqual([]);
});

test('a buffer gives the audio between two times and keeps what comes after', () => {
  const buffer = createInputBuffer(1_000, 50);
  for (const part of [
    [1, 2, 3],
    [4, 5],
    [6, 7, 8, 9],
  ])
    buffer.append(Int16Array.from(part));
  expect([buffer.lengthMs(), buffer.endMs()]).toEqual([9, 59]);
  expect([...buffer.take(52, 56)]).toEqual([3, 4, 5, 6]);
  expect(buffer.lengthMs()).toBe(3);
  buffer.trim(2);
  expect([...buffer.take(0, 100)]).toEqual([8, 9]);
  expect([buffer.lengthMs(), buffer.endMs()]).toEqual([0, 59]);
});

test('what was heard of a sentence never holds half a letter', () => {
  const text = 'Été à 10 h';
  expect(takeHeard(text, 0)).toBe('');
  expect(takeHeard(text, 119)).toBe('');
  expect(takeHeard(text, 120)).toBe('É');
  expect(takeHeard(text, modulatedDurationMs(text))).toBe(text);
});

const user = (content: string) => ({ role: 'user', content }) as const;
const request = (more: Partial<VoiceRequest>): VoiceRequest => ({
  own: null,
  session: '',
  input: null,
  conversation: [],
  ...more,
});

test.each([
  ['Say exactly: "Hello there."', 'Hello there.'],
  ['Say exactly this, in French: Je récapitule : Claire, mardi.', 'Je récapitule : Claire, mardi.'],
  ['Read the following aloud, verbatim:\n<text>Hello: it is me.</text>', 'Hello: it is me.'],
  ['Lis ce texte mot pour mot : « Au revoir ! »', 'Au revoir !'],
  ['Répète exactement ceci : Merci.', 'Merci.'],
])('instructions %j ask for %j', (own, words) => {
  expect(findWordsToSay(request({ own, conversation: [user('Hi')] }))).toBe(words);
});

test('the text of the input goes before the instructions, and the last text of the conversation is the rest', () => {
  const own = 'Read it aloud word for word. Tone: calm';
  expect(findWordsToSay(request({ own, input: [user('One.')] }))).toBe('One.');
  const session = 'You are a voice. Say what the user writes, verbatim. Language: French.';
  expect(findWordsToSay(request({ session, conversation: [user('One.'), user('Two.')] }))).toBe('Two.');
  expect(findWordsToSay(request({ session }))).toBeNull();
});

test('instructions that ask for no voice ask for an answer', () => {
  const conversation = [user('Hello')];
  expect(
    findWordsToSay(request({ session: 'You answer the telephone. Say hello: be kind.', conversation })),
  ).toBeNull();
  expect(findWordsToSay(request({ own: 'Be brief.', session: 'Repeat the text verbatim.', conversation }))).toBeNull();
  const session =
    'You answer the telephone. Ask for exactly one thing at a time, and repeat the number exactly: it matters.';
  expect(findWordsToSay(request({ session, conversation }))).toBeNull();
});
