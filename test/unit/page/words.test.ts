import { chooseWords } from '../../../services/viewer/page/src/words/choose.ts';
import { en } from '../../../services/viewer/page/src/words/en.ts';
import { fr } from '../../../services/viewer/page/src/words/fr.ts';
import { sayWait } from '../../../services/viewer/page/src/words/say.ts';
import { sayAttribute } from '../../../services/viewer/page/src/words/say-attribute.ts';

test('the language of the address bar wins over the browser’s, and English stands in for unknown ones', () => {
  expect(chooseWords('?lang=fr', ['en-GB'])).toBe(fr);
  expect(chooseWords('', ['fr-CA', 'en'])).toBe(fr);
  expect(chooseWords('?lang=xx', ['de', 'fr'])).toBe(fr);
  expect(chooseWords('', ['de'])).toBe(en);
});

test('both languages have the same texts, down to the last key', () => {
  const paths = (value: unknown, at = ''): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => paths(inner, `${at}.${key}`))
      : [at];
  expect(paths(fr).sort()).toEqual(paths(en).sort());
});

test('no text shouts or jokes: no exclamation mark, no emoji', () => {
  const texts = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value ? Object.values(value).flatMap(texts) : [];
  for (const text of [...texts(en), ...texts(fr)]) expect(text).not.toMatch(/!|\p{Extended_Pictographic}/u);
});

test('a wait shows how sure it is', () => {
  expect(sayWait(en, 1420, 'media_clock', 10)).toBe('1.42 s ±10 ms');
  expect(sayWait(en, 1420, 'mark_ack', 40)).toBe('~1.42 s');
  expect(sayWait(fr, 1420, 'send', null)).toBe('≥ 1,42 s');
  expect(sayWait(en, 1420, 'none', null)).toBe('not measured');
});

test('attributes that are durations are written as durations, whatever their unit', () => {
  expect(sayAttribute(en, 'voice.playout.sent_ms', 3640)).toBe('3.64 s');
  expect(sayAttribute(en, 'gen_ai.response.time_to_first_chunk', 0.342)).toBe('342 ms');
  expect(sayAttribute(en, 'gen_ai.response.finish_reasons', ['stop', 'length'])).toBe('stop, length');
  expect(sayAttribute(en, 'voice.extraction.valid', false)).toBe('false');
});
