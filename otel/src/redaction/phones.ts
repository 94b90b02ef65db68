import { hashCaller } from '../caller-hash.ts';
import { ANY_PLACEHOLDER } from './placeholders.ts';

const GAP = '(?:\\s?[.\\-]\\s|\\s[.\\-]|[\\s.\\-])?';
/** Between figures that stand two by two or one by one, which few lists are. */
const WIDE_GAP = '(?:\\s?[.,\\-/]\\s?|\\s{1,2})';

/**
 * What has digits and is no number of a person: placeholders, ids, dates, times. Taken first, so that nothing in them
 * can be taken for a number.
 */
const EXEMPT = [
  ANY_PLACEHOLDER,
  '\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b',
  '\\b\\d{4}-\\d{2}-\\d{2}(?:[T ]\\d{2}:\\d{2}(?::\\d{2}(?:[.,]\\d{1,9})?)?)?(?:Z|[+-]\\d{2}:?\\d{2})?\\b',
  '\\b\\d{1,2}[/.-]\\d{1,2}[/.-](?:19|20)\\d{2}\\b',
  '\\b\\d{1,2}:\\d{2}(?::\\d{2})?(?:[.,]\\d{1,6})?\\b',
  // 2^31 and 2^32, with one less: limits of integers. Dallas has numbers like the first, but who would have just these?
  '(?<![\\w+.])(?:214748364[78]|429496729[56])(?![\\w.])',
  // Sizes, by the word before them or by their unit. A number with a prefix begins with + or 0.
  '\\b(?:rss|heap(?:used|total)?|bytes|octets|sizes?|lengths?|offsets?|nanoseconds|seed)["\']?\\s?[:=]?\\s?\\[?\\s?[1-9]\\d{0,19}(?:,?\\s[1-9]\\d{0,5}(?!\\d)){0,15}(?![\\w.])',
  '(?<![\\w+.,-]|[\\d)][\\s.-])[1-9]\\d{6,19}\\s?(?:bytes|octets|[kKMG]i?B|[nµu]s|ms|Hz|samples)\\b',
];

/** With `+` or `00` any country's number (E.164: at most 15 digits); how long French, American and British ones are is known. */
const LOOSE = '[\\s.\\-()]{0,3}';
const LOOSER = '[\\s.,\\-/()]{0,3}';
const INTERNATIONAL = `(?:\\+|00)(?:${[
  `${LOOSER}33${LOOSER}(?:\\(0\\))?(?:${LOOSER}\\d){9}`,
  `${LOOSE}1(?:${LOOSE}\\d){10}`,
  `${LOOSER}44${LOOSER}(?:\\(0\\))?(?:${LOOSER}\\d){10}`,
  `(?:${LOOSE}\\d){8,15}`,
].join('|')})`;
/** What a list of figures has before its second one: only its head is a number's. */
const HEAD = '(?<!\\d[\\s,.-]{1,3}|\\[\\s?)';
/** Written as at home: France, North America, then any that begins with the trunk prefix 0, then nine digits in groups. */
const NATIONAL = [
  `0[1-9](?:${WIDE_GAP}?\\d{2}){4}`,
  '33[1-9]\\d{8}',
  `(?:1${GAP})?(?:\\([2-9]\\d{2}\\)${GAP}|[2-9]\\d{2}${GAP})[2-9]\\d{2}${GAP}\\d{4}`,
  `${HEAD}0${WIDE_GAP}[1-9](?:${WIDE_GAP}\\d){8}`,
  `${HEAD}(?:1${WIDE_GAP})?[2-9](?:${WIDE_GAP}\\d){2}${WIDE_GAP}[2-9](?:${WIDE_GAP}\\d){6}`,
  '0\\d{1,4}(?:(?:\\s?[./\\-]\\s|\\s[./\\-]|\\s{1,2}|[./\\-])?\\d{2,4}){2,4}',
  '[5-9]\\d{2}(?:[\\s.\\-]\\d{2,3}){3}',
];

const START = '(?<!\\w)';
/** Behind letters a plus is that of a sum, a version or base64, unless they say whose number follows. */
const PLUS = '(?<=(?:tel|phone|mobile|fax|caller|from|number)[:_]?)(?=\\+)';
/** In names of files and ids only what is hardly anything else. */
const IN_NAME = '(?<=_)(?:\\+\\d{8,15}|(?:0|33)[67]\\d{8})';
/** An extension may follow without a blank. */
const END = '(?!(?!(?:ext|x|poste)\\.?\\s?\\d)[^\\W_])';

const PHONES = new RegExp(
  [
    `(${EXEMPT.join('|')})`,
    `(?:${START}|${PLUS})(?<!\\d[.,]?)(?:${INTERNATIONAL}|${NATIONAL.join('|')})${END}`,
    `${IN_NAME}${END}`,
    `${START}\\([2-9]\\d{2}\\)${GAP}[2-9]\\d{2}${GAP}\\d{4}${END}`,
    `${START}\\(0\\)${GAP}[1-9](?:${WIDE_GAP}?\\d{2}){4}${END}`,
    `${START}\\(0\\d{1,5}\\)${GAP}\\d{3,8}(?:${GAP}\\d{2,4}){0,3}${END}`,
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
  // `(0)` is only said at home; with the country before it, it falls away.
  const trimmed = written.trim().replace(/(?<=\d[\s.,\-/]{0,3})\(0\)/, '');
  const digits = trimmed.replace(/\D/g, '');
  if (/^\+/.test(trimmed)) return `+${digits}`;
  if (digits.startsWith('00')) return `+${digits.slice(2)}`;
  if (/^0[1-9]\d{8}$/.test(digits)) return `+33${digits.slice(1)}`;
  if (/^33[1-9]\d{8}$/.test(digits)) return `+${digits}`;
  if (/^1?[2-9]\d{2}[2-9]\d{6}$/.test(digits)) return `+1${digits.slice(-10)}`;
  return /^0\d{10}$/.test(digits) ? `+44${digits.slice(1)}` : undefined;
}
