import { MONTHS, NUMBER_WORDS } from './word-lists.ts';

const FREE = '(?![\\p{L}\\p{N}])';
/** "vingt et un", "twenty first", "neuf cent quatre-vingt". */
const numberOf = (words: number) =>
  `(?:${NUMBER_WORDS})${FREE}(?:[\\s-]{1,2}(?:(?:et|and)[\\s-])?(?:${NUMBER_WORDS})${FREE}){0,${words - 1}}`;
const dayOf = (words: number) => `(?:the\\s)?(?:\\d{1,2}(?:er|e|ème|st|nd|rd|th)?${FREE}|${numberOf(words)})`;
const DAY = dayOf(3);
const BEFORE_YEAR = '[\\s,]{1,3}(?:(?:in|en|de)\\s)?';

/** A day and its month in either order, with the year if there is one. */
function written(year: string): string {
  return `(?:${DAY}[\\s,-]{1,2}(?:(?:of|de)\\s)?${MONTHS}${FREE}|${MONTHS}[\\s-]{1,2}${DAY})${year}`;
}

const ANY_YEAR = `(?:${BEFORE_YEAR}(?:['’]?\\d{2}|\\d{4}|${numberOf(9)})${FREE})?`;
const WORDS_OF_YEAR = `(?:nineteen|twenty|mille|deux[ -]mille|two thousand)(?:[\\s-]{1,2}(?:and\\s)?(?:${NUMBER_WORDS})${FREE}){1,7}`;
const FEAST = `(?:(?:the\\s|jour de\\s)?(?:noël|christmas(?:\\s(?:day|eve))?|l['’]an|new year['’]s (?:day|eve))${FREE}${ANY_YEAR})`;
const DATE = [
  written(ANY_YEAR),
  '\\d[\\d\\s/.,-]{3,16}\\d',
  `${MONTHS}${BEFORE_YEAR}(?:19|20)\\d{2}${FREE}`,
  `(?:19|20)\\d{2}${FREE}`,
  WORDS_OF_YEAR,
  FEAST,
].join('|');

const SAID = `(?<![\\p{L}])(?:née?s?|naissance|anniversaire|born|birth(?:day|date)?|d\\.?\\s?o\\.?\\s?b)${FREE}`;
/** Between the word and the date: "de naissance, c'est donc le", "in Paris on". */
const GAP = `[^.!?<\\n]{0,40}?(?<![\\p{L}\\p{N}])`;
const BORN = new RegExp(`(${SAID}\\.?${GAP})(?:${DATE})`, 'giu');
/** So close to the word less is a date: a day, a month, two figures of a year. */
const BORN_IN = new RegExp(
  `((?<![\\p{L}])(?:née?s?|born)\\s(?:le|on|en|in)\\s)(?:${dayOf(9)}|${MONTHS}${FREE}|['’]\\d{2}${FREE})`,
  'giu',
);

/** Nobody makes an appointment for it: the year says what date it is. */
const LONG_AGO = `(?:19\\d{2}|200\\d|nineteen(?:[\\s-](?:${NUMBER_WORDS})${FREE}){1,3}|mille neuf cents?(?:[\\s-](?:et\\s)?(?:${NUMBER_WORDS})${FREE}){0,5})${FREE}`;
const LONG_AGO_DATE = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:${[
    written(`${BEFORE_YEAR}${LONG_AGO}`),
    '\\d{1,2}[\\s/.-]{1,3}\\d{1,2}[\\s/.-]{1,3}(?:19\\d{2}|200\\d)',
    '(?:19\\d{2}|200\\d)-\\d{2}-\\d{2}',
  ].join('|')})${FREE}`,
  'giu',
);

/** Replaces dates of birth: behind a word that says so, and whole dates of years in which callers were born. */
export function replaceBirthDates(text: string): string {
  return text
    .replace(BORN, (_, before: string) => `${before}<birth>`)
    .replace(BORN_IN, (_, before: string) => `${before}<birth>`)
    .replace(LONG_AGO_DATE, '<birth>');
}
