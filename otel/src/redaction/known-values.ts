import { foldLetters, foldWithPlaces } from './fold-letters.ts';
import { FULLY_MASKED } from './mask-content.ts';
import { ANY_PLACEHOLDER } from './placeholders.ts';
import { NO_NAMES } from './word-lists.ts';

/** Personal values of one call, learned while it goes on: replaced wherever they are said. */
export type KnownValues = {
  /** Adds a value under the field that it belongs to. Words of it count alone, too; null and blanks add nothing. */
  add(field: string, value: string | null | undefined): void;
  /** The field's name in place of its values: `<name>`; of a call that has shown too many, `<masked>` as a whole. */
  replaceIn(text: string): string;
};

/** One call brings so many words at most: each is looked for in each of its texts. */
const MAX_WORDS = 200;
const MAX_VALUE_LENGTH = 2000;
const MIN_WORD_LENGTH = 3;
/** Words of addresses and names that say nothing alone. */
const COMMON = new Set(
  `rue avenue boulevard place chemin allée impasse route quai cours square passage résidence bis ter street road lane drive
  court close way the and les des sur sous aux saint sainte monsieur madame mister étage appartement bâtiment floor flat
  apartment numéro number chez dans`
    .split(/\s+/)
    .concat([...NO_NAMES])
    .map(foldLetters),
);
/** A language that has no such letter writes two, or leaves the marks out. */
const IN_TWO_LETTERS: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ø: 'oe', ü: 'ue', å: 'aa' };

/** The end of a line in JSON is two characters. */
const LINE_END = '\\\\[nrt]';
const WORD_GAP = `(?:${LINE_END}|[^\\p{L}\\p{N}<>]){0,3}`;
const DIGIT_GAP = '[\\s.,…\\-\\u2010-\\u2015]{0,3}';

/** Makes the known values of one call. */
export function createKnownValues(): KnownValues {
  const forms = new Set<string>();
  const fieldOf = new Map<string, string>();
  let pattern: RegExp | undefined;
  let isOverfull = false;
  return {
    add(field, value) {
      const label = field.replace(/\W+/g, '_').slice(0, 32) || 'value';
      isOverfull ||= (value?.length ?? 0) > MAX_VALUE_LENGTH;
      for (const form of formsOf((value ?? '').slice(0, MAX_VALUE_LENGTH))) {
        if (forms.has(form)) continue;
        isOverfull ||= forms.size >= MAX_WORDS;
        if (isOverfull) return;
        forms.add(form);
        if (!fieldOf.has(compact(form))) fieldOf.set(compact(form), label);
        pattern = undefined;
      }
    },
    replaceIn(text) {
      if (isOverfull) return FULLY_MASKED;
      if (forms.size === 0) return text;
      pattern ??= patternOf([...forms]);
      const { folded, places } = foldWithPlaces(text);
      let safe = '';
      let copied = 0;
      for (const { 0: found, index } of folded.matchAll(pattern)) {
        if (found.startsWith('<')) continue;
        safe += `${text.slice(copied, places[index])}<${fieldOf.get(compact(found)) ?? 'value'}>`;
        copied = places[index + found.length] ?? text.length;
      }
      return safe + text.slice(copied);
    },
  };
}

/** The whole value, and each word and long number of it that can stand for it. */
function formsOf(value: string): string[] {
  return spellingsOf(value).flatMap((whole) => {
    if (whole.length < 2) return [];
    const numbers = (whole.match(/\d+(?: \d+)+/g) ?? []).map(compact);
    const words = [...whole.split(' '), ...numbers].filter(
      (word) => word.length >= MIN_WORD_LENGTH && !COMMON.has(word),
    );
    return [whole, ...words];
  });
}

/** As it is compared: "Müller" also as "mueller", "Mueller" also as "muller". */
function spellingsOf(value: string): string[] {
  const written = value.normalize('NFC').toLowerCase();
  const inTwo = fold(written.replace(/[äöøüå]/g, (letter) => IN_TWO_LETTERS[letter] ?? letter));
  return [fold(written), inTwo, inTwo.replace(/([aou])e(?=\p{L}{2})/gu, '$1')];
}

/** Plain letters and figures, words separated by one blank. */
function fold(text: string): string {
  return foldLetters(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function compact(form: string): string {
  return form.replace(/\\[nrt]|[^\p{L}\p{N}]+/gu, '');
}

/** Longest first, so that a whole value is found before its words. */
function patternOf(forms: readonly string[]): RegExp {
  const parts = [...forms].sort((one, other) => other.length - one.length).map(looseForm);
  const start = `(?:(?<![\\p{L}\\p{N}])|(?<=${LINE_END}))`;
  return new RegExp(`${ANY_PLACEHOLDER}|${start}(?:${parts.join('|')})(?![\\p{L}\\p{N}])`, 'gu');
}

/** Words may be said as one, a number figure by figure. */
function looseForm(form: string): string {
  const parts = form.match(/\p{N}+|[^\p{N} ]+/gu) ?? [];
  return parts
    .map((part) => {
      if (/^\p{N}/u.test(part)) return [...part].join(DIGIT_GAP);
      // "Obrien" is "O'Brien", "Macdonald" is "Mac Donald".
      return part.replace(/^([od]|ma?c)(?=\p{L}{4})/u, "$1['’ ]?");
    })
    .join(WORD_GAP);
}
