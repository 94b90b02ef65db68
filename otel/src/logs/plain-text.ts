/**
 * Characters that act on a terminal instead of being seen: control characters (C0 and C1, so every ANSI sequence),
 * line and paragraph separators, and the marks that turn the direction of text (Unicode TR 9, CVE-2021-42574).
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about.
const ACTING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** JSON itself escapes what is below U+0020. */
const ACTING_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Text as it may be shown in a terminal: one line, and what would act on the terminal is written as its escape. */
export function showText(text: string): string {
  return text.replace(ACTING, (character) => SHORT[character] ?? escapeOf(character));
}

/** A JSON line with the same meaning, in which nothing but its line feed acts on a terminal. */
export function showJson(line: string): string {
  return line.replace(ACTING_IN_JSON, escapeOf);
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
