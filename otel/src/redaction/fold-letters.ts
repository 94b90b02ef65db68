/** Letters that Unicode does not take apart into a plain one and a mark. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ı: 'i',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
  ς: 'σ',
};

/** A text as it is compared, and where each of its characters stands in the text as it was written. */
export type FoldedText = {
  readonly folded: string;
  /** One more than characters: the last is the end. Marks belong to the letter before them. */
  readonly places: readonly number[];
};

/** In lower case, letters without marks, in their plain form; what is no letter stays. */
export function foldLetters(text: string): string {
  return foldWithPlaces(text).folded;
}

/** Like {@link foldLetters}; whoever replaces what was found leaves the rest as it was written. */
export function foldWithPlaces(text: string): FoldedText {
  const places: number[] = [];
  let folded = '';
  let at = 0;
  for (const character of text) {
    const plain = foldCharacter(character);
    for (let index = 0; index < plain.length; index += 1) places.push(at);
    folded += plain;
    at += character.length;
  }
  places.push(text.length);
  return { folded, places };
}

function foldCharacter(character: string): string {
  if (character < '\u0080') return character.toLowerCase();
  if (/^[\p{M}\p{Cf}]$/u.test(character)) return '';
  if (!/^[\p{L}\p{N}]$/u.test(character)) return character;
  const plain = character.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return PLAIN_LETTERS[plain] ?? plain;
}
