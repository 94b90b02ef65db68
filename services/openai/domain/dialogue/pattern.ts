export type Language = 'fr' | 'en';

/** What a finder took from an utterance, and the utterance with that part masked, so that the next finder cannot take it again. */
export type Finding<T> = { readonly value: T; readonly rest: string };

/** Stands where something was taken out; patterns stop at it as at punctuation. */
export const MASK = '\u{E000}';

/** `source` as whole words, any case, with the letters of both languages (`\b` knows ASCII only). */
export function createWords(source: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}'-])(?:${source})(?![\\p{L}\\p{N}])`, 'iu');
}

/** Typographic variants made one: apostrophes, hyphens and spaces. */
export function normalizeText(text: string): string {
  return text.normalize('NFC').replace(/[’ʼ]/gu, "'").replace(/[‐‑–]/gu, '-').replace(/\s+/gu, ' ').trim();
}

/** `text` with `length` characters from `start` masked. */
export function maskAt(text: string, start: number, length: number): string {
  return `${text.slice(0, start)} ${MASK} ${text.slice(start + length)}`;
}

/** Without masks, doubled spaces and punctuation at either end. */
export function trimPhrase(text: string): string {
  return text
    .replaceAll(MASK, ' ')
    .replace(/\s+/gu, ' ')
    .replace(/\s+([,.;:!?])/gu, '$1')
    .replace(/^[\s,.;:!?-]+|[\s,.;:!?-]+$/gu, '');
}
