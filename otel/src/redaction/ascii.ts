/**
 * What is there beside ASCII for digits and for the signs of numbers and addresses: full-width letters, digits of other
 * scripts, hyphens and dashes, what has no width.
 */
const FOREIGN = /[\u00ad\u200b-\u200d\u2010-\u2015\u2060\u2212\uff01-\uff5e]|[^\P{Nd}0-9]/gu;
/** Most texts have none of them: one look, without the table of Unicode. */
const MAYBE_FOREIGN = /[\u00ad\u0660-\uffff]/;

const FULL_WIDTH = 0xff01;
const FULL_WIDTH_END = 0xff5e;
/** From a full-width character to its like in ASCII. */
const FULL_WIDTH_STEP = 0xfee0;
const DIGIT = /^\p{Nd}$/u;

/** The text with digits, letters and signs of ASCII in the place of their like: rules that know those read all of them. */
export function toAscii(text: string): string {
  return MAYBE_FOREIGN.test(text) ? text.replace(FOREIGN, toAsciiCharacter) : text;
}

function toAsciiCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code >= FULL_WIDTH && code <= FULL_WIDTH_END) return String.fromCodePoint(code - FULL_WIDTH_STEP);
  if (DIGIT.test(character)) return String(digitOf(code));
  return /[\u2010-\u2015\u2212]/.test(character) ? '-' : '';
}

/** Unicode has the ten digits of a script in a row, from zero on, and several sets one after the other. */
function digitOf(code: number): number {
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(code - before - 1))) before += 1;
  return before % 10;
}
