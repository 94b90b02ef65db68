import { languageOfNumber, languageOfText } from '../../../services/bot/domain/language.ts';
import { formatZonedTime } from '../../../services/bot/domain/prompt.ts';

test('the time in the prompt is that of the business, with its offset, in winter and summer', () => {
  expect(formatZonedTime(Date.UTC(2026, 10, 21, 13, 3), 'Europe/Paris')).toBe(
    '2026-11-21T14:03:00+01:00[Europe/Paris]',
  );
  expect(formatZonedTime(Date.UTC(2026, 6, 21, 23, 30), 'Europe/Paris')).toBe(
    '2026-07-22T01:30:00+02:00[Europe/Paris]',
  );
  expect(formatZonedTime(Date.UTC(2026, 6, 21), 'Etc/UTC')).toBe('2026-07-21T00:00:00+00:00[Etc/UTC]');
});

test('a caller is greeted in the language of their number, a hidden one in the language of the business', () => {
  expect(languageOfNumber('+33199001234', 'en')).toBe('fr');
  expect(languageOfNumber('+447700900123', 'fr')).toBe('en');
  expect(languageOfNumber('Anonymous', 'fr')).toBe('fr');
});

test('what the caller says decides the language, words that do not tell keep it', () => {
  expect(languageOfText('Hello, I would like an appointment', 'fr')).toBe('en');
  expect(languageOfText('Bonjour, je voudrais un rendez-vous', 'en')).toBe('fr');
  expect(languageOfText('06 39 98 12 34', 'en')).toBe('en');
});
