/** Most texts have nothing but ASCII where it counts: one look, without the table of Unicode. */
const MAYBE_FOREIGN = /[\u00ad\u00b7\u061c-\uffff]/;

/** Full-width letters, digits and signs of numbers and addresses; digits of other scripts. */
const FULL_WIDTH = /[\uff05\uff08-\uff0b\uff0d-\uff1a\uff1d\uff20-\uff3a\uff3f\uff41-\uff5a]/g;
/** From a full-width character to its like in ASCII. */
const FULL_WIDTH_STEP = 0xfee0;
const FOREIGN_DIGIT = /[^\P{Nd}0-9]/gu;
/** Without width: soft hyphens, joiners, marks of direction, what makes a figure a picture. */
const UNSEEN = '[\\u00ad\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufe0f\\u20e3]';
const UNSEEN_IN_NUMBER = new RegExp(`(?<=[0-9+])${UNSEEN}+(?=[0-9])`, 'g');
/** Hyphens, dashes and dots that are none of ASCII, and the Japanese mark that is written for one. */
const DASH_IN_NUMBER = /(?<=[0-9]\s?)[\u00b7\u2010-\u2015\u2022\u2043\u2212\u30fc\u3002\ufe63\uff61](?=\s?[0-9])/g;

/**
 * The text with digits, letters and signs of ASCII in the place of their like, and numbers without what nobody sees in
 * them: rules that know ASCII read all of them. Between words nothing changes: what has no width can be what parts them.
 */
export function toAscii(text: string): string {
  if (!MAYBE_FOREIGN.test(text)) return text;
  const read = text
    .replace(FULL_WIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - FULL_WIDTH_STEP))
    .replace(FOREIGN_DIGIT, asciiDigit)
    .replace(UNSEEN_IN_NUMBER, '')
    .replace(DASH_IN_NUMBER, '-');
  // What has one byte a character is read several times faster, but stays two bytes wide until it is copied.
  return read !== text && !/[^\0-\xff]/.test(read) ? Buffer.from(read, 'latin1').toString('latin1') : read;
}

const DIGIT = /^\p{Nd}$/u;
const known = new Map<string, string>();

/** Unicode has the ten digits of a script in a row, from zero on, and several sets one after the other. */
function asciiDigit(character: string): string {
  const before = known.get(character);
  if (before !== undefined) return before;
  const code = character.codePointAt(0) ?? 0;
  let smaller = 0;
  while (DIGIT.test(String.fromCodePoint(code - smaller - 1))) smaller += 1;
  const digit = String(smaller % 10);
  known.set(character, digit);
  return digit;
}
