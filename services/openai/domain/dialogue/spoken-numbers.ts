import type { Language } from './pattern.ts';

const FR_UNITS =
  'zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf'.split(
    ' ',
  );
const FR_TENS = ['vingt', 'trente', 'quarante', 'cinquante', 'soixante', 'soixante', 'quatre-vingt', 'quatre-vingt'];
const EN_UNITS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const EN_TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const EN_ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(' ');

function frenchForms(value: number): readonly string[] {
  if (value < 20) return value === 1 ? ['un', 'une', 'premier'] : [FR_UNITS[value] ?? ''];
  const index = Math.floor(value / 10) - 2;
  const tens = FR_TENS[index] ?? '';
  const rest = index === 5 || index === 7 ? (value % 10) + 10 : value % 10;
  if (rest === 0) return index === 6 ? ['quatre-vingts', tens] : [tens];
  const joined = rest === 1 || (rest === 11 && index === 5) ? [`${tens}-et-${FR_UNITS[rest]}`] : [];
  return [...joined, `${tens}-${FR_UNITS[rest]}`];
}

function englishForms(value: number): readonly string[] {
  if (value < 20) return [EN_UNITS[value] ?? ''];
  const tens = EN_TENS[Math.floor(value / 10) - 2] ?? '';
  return value % 10 === 0 ? [tens] : [`${tens}-${EN_UNITS[value % 10]}`];
}

function englishOrdinal(value: number): string {
  if (value <= 12) return EN_ORDINALS[value - 1] ?? '';
  if (value < 20) return `${EN_UNITS[value]}th`;
  const tens = EN_TENS[Math.floor(value / 10) - 2] ?? '';
  return value % 10 === 0 ? tens.replace(/y$/u, 'ieth') : `${tens}-${EN_ORDINALS[(value % 10) - 1]}`;
}

function createTable(forms: (value: number) => readonly string[]): ReadonlyMap<string, number> {
  const table = new Map<string, number>();
  for (let value = 0; value < 100; value += 1) for (const form of forms(value)) table.set(form, value);
  return table;
}

const TABLES: Readonly<Record<Language, ReadonlyMap<string, number>>> = {
  fr: createTable(frenchForms),
  en: new Map([
    ...createTable(englishForms),
    ...Array.from({ length: 31 }, (_, index): [string, number] => [englishOrdinal(index + 1), index + 1]),
  ]),
};

function createSource(table: ReadonlyMap<string, number>): string {
  const longestFirst = [...table.keys()].sort((a, b) => b.length - a.length);
  return longestFirst.map((form) => form.replaceAll('-', '[- ]').replace('é', '[ée]')).join('|');
}

const WORDS: Readonly<Record<Language, string>> = { fr: createSource(TABLES.fr), en: createSource(TABLES.en) };

/** A pattern source, without groups, for a number from 0 to 99 in words of that language. */
export function numberWords(language: Language): string {
  return `(?:${WORDS[language]})`;
}

/** The same, or one to four digits (with an ordinal's ending). */
export function numberSource(language: Language): string {
  return language === 'fr' ? `(?:\\d{1,4}(?:er)?|${WORDS.fr})` : `(?:\\d{1,4}(?:st|nd|rd|th)?|${WORDS.en})`;
}

/** The value of what `numberSource` matched; NaN for anything else. */
export function parseNumber(text: string, language: Language): number {
  const digits = /^\d+/u.exec(text);
  if (digits) return Number(digits[0]);
  const key = text
    .toLowerCase()
    .replaceAll(' ', '-')
    .replace('zero', language === 'fr' ? 'zéro' : 'zero');
  return TABLES[language].get(key) ?? Number.NaN;
}
