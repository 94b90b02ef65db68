import { wantedWords } from '../../../services/openai/domain/dialogue/date-words.ts';
import { normalizeText } from '../../../services/openai/domain/dialogue/pattern.ts';
import { findWanted, resolveWanted } from '../../../services/openai/domain/dialogue/wanted.ts';

/** A Saturday. */
const NOW = '2026-11-21T14:03';

test.each([
  ['mardi à dix heures', 'mardi à dix heures', '2026-11-24T10:00'],
  ['samedi à 9h', 'samedi à 9h', '2026-11-28T09:00'],
  ['le lundi à huit heures et demie', 'lundi à huit heures et demie', '2026-11-23T08:30'],
  ['mercredi prochain à quinze heures', 'mercredi prochain à quinze heures', '2026-11-25T15:00'],
  ['jeudi en huit à midi', 'jeudi en huit à midi', '2026-12-03T12:00'],
  ['mardi de la semaine prochaine à 10 h 15', 'mardi de la semaine prochaine à 10 h 15', '2026-11-24T10:15'],
  ['demain à deux heures', 'demain à deux heures', '2026-11-22T14:00'],
  ["aujourd'hui à dix-sept heures moins le quart", "aujourd'hui à dix-sept heures moins le quart", '2026-11-21T16:45'],
  ['après-demain vers onze heures vingt', 'après-demain vers onze heures vingt', '2026-11-23T11:20'],
  ['le 3 décembre à 14h30', 'le 3 décembre à 14h30', '2026-12-03T14:30'],
  ['le premier février à 9:05', 'premier février à 9:05', '2027-02-01T09:05'],
  ['le 5/12 à huit heures du soir', 'le 5/12 à huit heures du soir', '2026-12-05T20:00'],
  ['dans trois jours à dix heures', 'dans trois jours à dix heures', '2026-11-24T10:00'],
  ['demain matin', 'demain matin', null],
  ['ce soir', 'ce soir', null],
  ['le 31 novembre à dix heures', 'le 31 novembre à dix heures', null],
  ['dès que possible', 'dès que possible', null],
  ['mardi', 'mardi', null],
])('French: %s', (said, words, dateTime) => {
  const found = findWanted(normalizeText(said), 'fr');
  expect(found && wantedWords(found.value)).toBe(words);
  expect(resolveWanted(found?.value ?? null, NOW)).toBe(dateTime);
});

test.each([
  ['next Tuesday at ten', 'next Tuesday at ten', '2026-11-24T10:00'],
  ['on Friday at half past two', 'Friday at half past two', '2026-11-27T14:30'],
  ['Monday at quarter to nine', 'Monday at quarter to nine', '2026-11-23T08:45'],
  ['tomorrow at 2:30 pm', 'tomorrow at 2:30 pm', '2026-11-22T14:30'],
  ['tomorrow at ten thirty', 'tomorrow at ten thirty', '2026-11-22T10:30'],
  ['the day after tomorrow at 5pm', 'the day after tomorrow at 5pm', '2026-11-23T17:00'],
  ['December 3rd at noon', 'December 3rd at noon', '2026-12-03T12:00'],
  ['the 3rd of December 2027 at 9 am', 'the 3rd of December 2027 at 9 am', '2027-12-03T09:00'],
  ['Wednesday week at eleven', 'Wednesday week at eleven', '2026-12-02T11:00'],
  ['in two weeks at ten', 'in two weeks at ten', '2026-12-05T10:00'],
  ['tomorrow morning', 'tomorrow morning', null],
  ['as soon as possible', 'as soon as possible', null],
])('English: %s', (said, words, dateTime) => {
  const found = findWanted(normalizeText(said), 'en');
  expect(found && wantedWords(found.value)).toBe(words);
  expect(resolveWanted(found?.value ?? null, NOW)).toBe(dateTime);
});

test.each([
  ['fr', 'une fuite depuis mardi'],
  ['fr', 'Bonne soirée et bon après-midi'],
  ['fr', "j'attends depuis deux heures"],
  ['en', 'it has leaked since Monday'],
  ['en', 'Good morning'],
] as const)('%s: nothing is wanted in "%s"', (language, said) => {
  expect(findWanted(normalizeText(said), language)).toBeNull();
});
