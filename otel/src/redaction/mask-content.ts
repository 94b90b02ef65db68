import { replaceBirthDates } from './birth-dates.ts';
import { replaceDigitRuns } from './digit-runs.ts';
import { readJsonString, splitJson } from './embedded-json.ts';
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
/** Behind JSON that the text did not hold to its end. */
const TORN = '<cut>';

/** Of a form's fields: whether they are known, not what they say. */
const FIELD_STATES = new Set(['given', 'confirmed', 'missing', 'unknown', 'valid', 'invalid']);

/**
 * What was said, without personal data: what can be told by its form, then addresses and names as people say them. JSON,
 * wherever it stands in the text, keeps its keys. Never throws; what cannot be masked is `<masked>`.
 */
export function maskContent(text: string, tools: MaskTools): string {
  try {
    return text.length > MAX_CONTENT_LENGTH ? FULLY_MASKED : maskText(text, tools, 0);
  } catch {
    return FULLY_MASKED;
  }
}

function maskText(text: string, tools: MaskTools, depth: number): string {
  if (depth > MAX_DEPTH) return FULLY_MASKED;
  const quoted = readJsonString(text);
  if (quoted) return JSON.stringify(maskText(quoted.text, tools, depth + 1)) + (quoted.isTorn ? TORN : '');
  const masked = splitJson(text).map((part) => {
    if (part.kind === 'text') return maskUtterance(part.text, tools);
    if (part.kind === 'unreadable') return FULLY_MASKED;
    return JSON.stringify(maskData(part.data, tools, { depth })) + (part.isTorn ? TORN : '');
  });
  return masked.join('');
}

function maskUtterance(text: string, tools: MaskTools): string {
  const found = tools.redact(text);
  const placed = replaceStreetAddresses(replaceBirthDates(found));
  const named = replaceSpokenNames(placed, tools.isOwnWord);
  return replaceDigitRuns(named);
}

/** What the keys above a value say about it. */
type Below = { readonly depth: number; readonly label?: string | undefined };

function maskData(value: unknown, tools: MaskTools, { depth, label }: Below): unknown {
  if (depth > MAX_DEPTH) return FULLY_MASKED;
  if (typeof value === 'string' || typeof value === 'number') return maskLeaf(value, tools, { depth, label });
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const isNumber = label === undefined && isNumberInPieces(value);
    return value.map((item) => maskData(item, tools, { depth: depth + 1, label: isNumber ? 'number' : label }));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      replaceDigitRuns(tools.redact(key)),
      maskData(item, tools, { depth: depth + 1, label: labelUnder(key, label) }),
    ]),
  );
}

/** A secret's parts are secrets; of a person's parts each has its own label, if any. */
function labelUnder(key: string, above: string | undefined): string | undefined {
  const kind = kindOfKey(key);
  if (above === 'secret' || kind.kind === 'secret') return 'secret';
  return kind.kind === 'personal' ? kind.label : above;
}

function maskLeaf(value: string | number, tools: MaskTools, { depth, label }: Below): unknown {
  if (label !== undefined) {
    if (value === '' || FIELD_STATES.has(String(value))) return value;
    const safe = label === 'phone' ? tools.redact(String(value)) : '';
    return /^<phone:\w+>$/.test(safe) ? safe : `<${label}>`;
  }
  if (typeof value === 'string') return maskText(value, tools, depth + 1);
  return Math.abs(value) >= 100_000 ? '<number>' : value;
}

/** `["06", "39", "98"]`: a number as somebody said it, group by group. */
function isNumberInPieces(list: readonly unknown[]): boolean {
  const isDigits = list.every((item) => typeof item === 'string' && /^\p{Nd}+$/u.test(item));
  return isDigits && replaceDigitRuns(list.join(' ')) === '<number>';
}
