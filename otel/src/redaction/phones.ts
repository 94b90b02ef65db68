import { hashCaller } from '../caller-hash.ts';

const GAP = '[\\s.\\-\\u00a0\\u202f]?';

/**
 * What has digits and is no number of a person: placeholders, ids, dates, times. Taken first, so that nothing in them
 * can be taken for a number.
 */
const EXEMPT = [
  '<\\w+(?::[0-9a-f]{16})?>',
  '\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b',
  '\\b\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?)?(?:Z|[+-]\\d{2}:?\\d{2})?\\b',
  '\\b\\d{1,2}[/.-]\\d{1,2}[/.-](?:19|20)\\d{2}\\b',
  '\\b\\d{1,2}:\\d{2}(?::\\d{2})?(?:[.,]\\d{1,6})?\\b',
];

/** With `+` or `00` any country's number (E.164: at most 15 digits); how long French, American and British ones are is known. */
const LOOSE = '[\\s.\\-()\\u00a0\\u202f]{0,2}';
const INTERNATIONAL = `(?:\\+|00)(?:${[
  `${LOOSE}33${LOOSE}(?:\\(0\\))?(?:${LOOSE}\\d){9}`,
  `${LOOSE}1(?:${LOOSE}\\d){10}`,
  `${LOOSE}44${LOOSE}(?:\\(0\\))?(?:${LOOSE}\\d){10}`,
  `(?:${LOOSE}\\d){8,15}`,
].join('|')})`;
/** Written as at home: France, North America, then any that begins with the trunk prefix 0, then nine digits in groups. */
const NATIONAL = [
  `0[1-9](?:${GAP}\\d{2}){4}`,
  '33[1-9]\\d{8}',
  `(?:1${GAP})?(?:\\([2-9]\\d{2}\\)\\s?|[2-9]\\d{2}${GAP})[2-9]\\d{2}${GAP}\\d{4}`,
  '0\\d{1,4}(?:[\\s./\\-\\u00a0\\u202f]?\\d{2,4}){2,4}',
  '[5-9]\\d{2}(?:[\\s.\\-]\\d{2,3}){3}',
];

const START = '(?<![^\\W_])';
/** An extension may follow without a blank. */
const END = '(?!(?!(?:ext|x|poste)\\.?\\s?\\d)[^\\W_])';

const PHONES = new RegExp(
  [
    `(${EXEMPT.join('|')})`,
    `(?:${START}|(?=\\+))(?<!\\d[.,]?)(?:${INTERNATIONAL}|${NATIONAL.join('|')})${END}`,
    `${START}\\([2-9]\\d{2}\\)\\s?[2-9]\\d{2}${GAP}\\d{4}${END}`,
  ].join('|'),
  'gi',
);

/**
 * Replaces telephone numbers by their keyed form (see {@link phoneForm}).
 * By rules instead of libphonenumber: loading that takes 30 ms and 16 MB, on the thread that serves 20 ms frames.
 */
export function replacePhones(text: string, hmacKey: string | undefined): string {
  return text.replace(PHONES, (found, exempt: string | undefined) => {
    if (exempt !== undefined) return found;
    const digits = found.replace(/\D/g, '');
    return digits.length < 8 ? found : phoneForm(found, hmacKey);
  });
}

/** `<phone:16hex>`, the same hash as `voice.caller.hash` of that number; `<phone>` without key or country. */
export function phoneForm(written: string, hmacKey: string | undefined): string {
  const e164 = hmacKey ? toE164(written) : undefined;
  const hash = e164 && hmacKey ? hashCaller(e164, hmacKey) : null;
  return hash ? `<phone:${hash}>` : '<phone>';
}

/** The international form of a number as people write it in French and English; undefined when its country is not certain. */
function toE164(written: string): string | undefined {
  const trimmed = written.trim().replace(/\(0\)/, '');
  const digits = trimmed.replace(/\D/g, '');
  if (/^\+/.test(trimmed)) return `+${digits}`;
  if (digits.startsWith('00')) return `+${digits.slice(2)}`;
  if (/^0[1-9]\d{8}$/.test(digits)) return `+33${digits.slice(1)}`;
  if (/^33[1-9]\d{8}$/.test(digits)) return `+${digits}`;
  if (/^1?[2-9]\d{2}[2-9]\d{6}$/.test(digits)) return `+1${digits.slice(-10)}`;
  return /^0\d{10}$/.test(digits) ? `+44${digits.slice(1)}` : undefined;
}
