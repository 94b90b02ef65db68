import { FULLY_MASKED } from './mask-content.ts';
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
  apartment numéro number chez dans`.split(/\s+/),
);

/** Letters that are written with and without marks. */
const VARIANTS: Readonly<Record<string, string>> = {
  a: 'aàáâãäå',
  c: 'cç',
  e: 'eèéêë',
  i: 'iìíîï',
  n: 'nñ',
  o: 'oòóôõöø',
  u: 'uùúûü',
  y: 'yýÿ',
};

/** Makes the known values of one call. */
export function createKnownValues(): KnownValues {
  const fieldOf = new Map<string, string>();
  let pattern: RegExp | undefined;
  let isOverfull = false;
  return {
    add(field, value) {
      const label = field.replace(/\W+/g, '_').slice(0, 32) || 'value';
      isOverfull ||= (value?.length ?? 0) > MAX_VALUE_LENGTH;
      for (const words of formsOf((value ?? '').slice(0, MAX_VALUE_LENGTH))) {
        if (fieldOf.has(words)) continue;
        isOverfull ||= fieldOf.size >= MAX_WORDS;
        if (!isOverfull) fieldOf.set(words, label);
        pattern = undefined;
      }
    },
    replaceIn(text) {
      if (isOverfull) return FULLY_MASKED;
      if (fieldOf.size === 0) return text;
      pattern ??= patternOf([...fieldOf.keys()]);
      return text.replace(pattern, (found) =>
        found.startsWith('<') ? found : `<${fieldOf.get(fold(found)) ?? 'value'}>`,
      );
    },
  };
}

/** The whole value, and each word and long number of it that can stand for it. */
function formsOf(value: string): string[] {
  const whole = fold(value);
  if (whole.length < 2) return [];
  const words = whole.split(' ').filter((word) => {
    if (/^\d+$/.test(word)) return word.length >= MIN_WORD_LENGTH;
    return word.length >= MIN_WORD_LENGTH && !COMMON.has(word) && !NO_NAMES.has(word);
  });
  return [whole, ...words];
}

/** In lower case, without marks, words separated by one blank: what is compared. */
function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** Longest first, so that a whole value is found before its words. */
function patternOf(forms: readonly string[]): RegExp {
  const parts = [...forms].sort((one, other) => other.length - one.length).map(looseForm);
  return new RegExp(`<\\w+(?::[0-9a-f]{16})?>|(?<![\\p{L}\\p{N}])(?:${parts.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
}

function looseForm(form: string): string {
  return [...form]
    .map((character) => {
      if (character === ' ') return '[^\\p{L}\\p{N}<>]{1,3}';
      const variants = VARIANTS[character];
      return variants ? `[${variants}]\\p{M}?` : `${character}\\p{M}?`;
    })
    .join('');
}
