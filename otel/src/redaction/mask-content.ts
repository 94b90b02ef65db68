import { kindOfKey } from './keys.ts';
import { replaceSpokenNames } from './spoken-names.ts';
import { replaceStreetAddresses } from './street-addresses.ts';

/** With what the content of one call is masked. */
export type MaskTools = {
  /** Free text without what can be told by its form (see `Redactor.text`). */
  readonly redact: (text: string) => string;
  /** Words that are the business's own, in lower case. */
  readonly isOwnWord: (word: string) => boolean;
};

/** In place of content that could not be masked. */
export const FULLY_MASKED = '<masked>';
/** Longer content is not read: it is masked as a whole. */
const MAX_CONTENT_LENGTH = 32_000;
const MAX_DEPTH = 8;

/** Of a form's fields: whether they are known, not what they say. */
const FIELD_STATES = new Set(['given', 'confirmed', 'missing', 'unknown', 'valid', 'invalid']);

const DATES = '\\b\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2})?\\b|\\b\\d{1,2}[/.-]\\d{1,2}[/.-](?:19|20)\\d{2}\\b';
const DIGIT_RUN = new RegExp(
  `(<\\w+(?::[0-9a-f]{16})?>|${DATES})|\\p{Nd}(?:[\\s.\\-\\u200b-\\u200d\\u2010-\\u2015]?\\p{Nd}){4,}`,
  'gu',
);
const BORN =
  /((?<![\p{L}])(?:née?s?|naissance|born|birth(?:day|date)?)(?![\p{L}])[^\d.!?]{0,24})\d[\d\s/.-]{3,16}\d|((?<![\p{L}])(?:née?|born)\s+(?:le|on)\s+)[^,.!?<]{3,40}/giu;

/**
 * What was said, without personal data: what can be told by its form, then addresses and names as people say them. JSON objects keep their keys. Never throws; what cannot be masked is `<masked>`.
 */
export function maskContent(text: string, tools: MaskTools): string {
  try {
    if (text.length > MAX_CONTENT_LENGTH) return FULLY_MASKED;
    const data = parseObject(text);
    return data === undefined ? maskUtterance(text, tools) : JSON.stringify(maskData(data, tools, 0));
  } catch {
    return FULLY_MASKED;
  }
}

function maskUtterance(text: string, tools: MaskTools): string {
  const found = tools.redact(text);
  const unborn = found.replace(BORN, (_, before?: string, saying?: string) => `${before ?? saying}<birth>`);
  const placed = replaceStreetAddresses(unborn);
  const named = replaceSpokenNames(placed, tools.isOwnWord);
  return named.replace(DIGIT_RUN, (run, exempt?: string) => exempt ?? (run ? '<number>' : run));
}

function parseObject(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function maskData(value: unknown, tools: MaskTools, depth: number): unknown {
  if (depth > MAX_DEPTH) return FULLY_MASKED;
  if (typeof value === 'string') return maskUtterance(value, tools);
  if (typeof value === 'number') return Math.abs(value) >= 100_000 ? '<number>' : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => maskData(item, tools, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, maskUnder(key, item, tools, depth + 1)]));
}

function maskUnder(key: string, value: unknown, tools: MaskTools, depth: number): unknown {
  const kind = kindOfKey(key);
  const isSaid = (typeof value === 'string' && value !== '' && !FIELD_STATES.has(value)) || typeof value === 'number';
  if (isSaid && kind.kind === 'secret') return '<secret>';
  if (isSaid && kind.kind === 'personal') {
    const safe = kind.label === 'phone' ? tools.redact(String(value)) : '';
    return /^<phone:\w+>$/.test(safe) ? safe : `<${kind.label}>`;
  }
  return maskData(value, tools, depth);
}
