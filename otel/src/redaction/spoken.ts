import { phoneForm } from './phones.ts';
import { ANY_PLACEHOLDER } from './placeholders.ts';

const TOKENS = new RegExp(`${ANY_PLACEHOLDER}|[\\p{L}\\p{N}]+|\\+`, 'gu');

const WORD = "[\\p{L}\\p{N}_][\\p{L}\\p{N}_.%+'-]{0,63}";
const LABEL = "[\\p{L}\\p{N}_][\\p{L}\\p{N}_'-]{0,63}";
const DOT = '(?:point|tiret|moins|underscore|dot|dash|hyphen|\\.|-)';
/** In one line: the frames of a stack begin with "at". */
const BLANK = '[^\\S\\n]{1,8}';
const MAIL = new RegExp(
  `(${WORD}(?:\\s{1,8}${DOT}\\s{1,8}${WORD}){0,4})(${BLANK}(?:arr?obase|at|@)${BLANK}|${BLANK}@|@${BLANK})(?!the\\s)(${LABEL}(?:(?:\\s{1,8}${DOT}\\s{1,8}|\\.)${LABEL}){0,4})`,
  'giu',
);
const PROVIDERS =
  /^(?:gmail|googlemail|hotmail|outlook|live|msn|yahoo|ymail|icloud|me|mac|aol|proton(?:mail)?|gmx|web|orange|wanadoo|free|sfr|neuf|laposte|bbox|numericable|btinternet|sky|virginmedia|comcast|verizon|bluewin|skynet|telenet)[\s.]/i;
const TOP_LEVEL =
  /^(?:com|net|org|edu|gov|info|biz|email|mail|eu|fr|uk|us|ca|be|ch|lu|de|at|es|it|ie|nl|pt|ma|dz|tn|io|co|me|tv|ai|dev|app|pro|name|paris|bzh|london|quebec|au|nz|in|za|pl|se|no|dk|fi|cz|gr|ro|br|mx|jp|cn|ru|ua|tr)$/i;
const FILE = /^(?:[cm]?[jt]sx?|json|log|html|css|ya?ml|txt|wav|csv|xml|toml|lock|java|map|node)$/i;
const SPOKEN_DOT = /\s(?:point|dot)\s/i;

/**
 * Replaces mail addresses that are said or torn apart: "jean point dupont arobase exemple point fr", "jane.doe at gmail dot com",
 * "jean @ exemple.fr". "At" is also said of places and files: there the parts must be those of an address.
 */
export function replaceSpokenMail(text: string): string {
  return text.replace(MAIL, (found, local: string, at: string, domain: string) =>
    isMail(local, at.trim().toLowerCase(), domain) ? '<email>' : found,
  );
}

function isMail(local: string, at: string, domain: string): boolean {
  if (at !== 'at' && at !== '@') return true;
  const parts = domain.split(/\s+|\./);
  const last = parts.at(-1) ?? '';
  if (parts.length < 2 || !/^\p{L}{2,24}$/u.test(last)) return false;
  const isSpoken = SPOKEN_DOT.test(domain);
  const isSure = /[\p{L}\p{N}][._+][\p{L}\p{N}]|\s/u.test(local) || (at === '@' && !isSpoken) || PROVIDERS.test(domain);
  if (FILE.test(last)) return false;
  return isSure || (isSpoken && TOP_LEVEL.test(last));
}

const ONES: Readonly<Record<string, number>> = {
  zero: 0,
  o: 0,
  oh: 0,
  un: 1,
  une: 1,
  one: 1,
  deux: 2,
  two: 2,
  trois: 3,
  three: 3,
  quatre: 4,
  four: 4,
  cinq: 5,
  five: 5,
  six: 6,
  sept: 7,
  seven: 7,
  huit: 8,
  eight: 8,
  neuf: 9,
  nine: 9,
};
const TEENS: Readonly<Record<string, number>> = {
  dix: 10,
  ten: 10,
  onze: 11,
  eleven: 11,
  douze: 12,
  twelve: 12,
  treize: 13,
  thirteen: 13,
  quatorze: 14,
  fourteen: 14,
  quinze: 15,
  fifteen: 15,
  seize: 16,
  sixteen: 16,
  seventeen: 17,
  eighteen: 18,
  nineteen: 19,
};
const TENS: Readonly<Record<string, number>> = {
  vingt: 20,
  vingts: 20,
  twenty: 20,
  trente: 30,
  thirty: 30,
  quarante: 40,
  forty: 40,
  cinquante: 50,
  fifty: 50,
  soixante: 60,
  sixty: 60,
  septante: 70,
  seventy: 70,
  huitante: 80,
  octante: 80,
  eighty: 80,
  nonante: 90,
  ninety: 90,
};
/** Said between the figures of one number. */
const BETWEEN = new Set([
  'et',
  'and',
  'plus',
  'double',
  'triple',
  'then',
  'puis',
  'cent',
  'hundred',
  'euh',
  'uh',
  'um',
]);
/** So many digits in a row are a number of somebody, not a count. */
const MIN_DIGITS = 6;

type Token = { readonly word: string; readonly start: number; readonly end: number };

/** Replaces numbers of six digits and more that are said word by word or by pairs, in French or English, figures between them included. */
export function replaceSpokenNumbers(text: string, hmacKey: string | undefined): string {
  // Letters and figures without anything between are a name (`gpt-4o-2024-08-06`), never a number that is said.
  const tokens = [...text.matchAll(TOKENS)].map(
    (match): Token => ({ word: plain(match[0]), start: match.index, end: match.index + match[0].length }),
  );
  let safe = '';
  let copied = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const { run, end } = runFrom(tokens, at, text);
    if (run.length === 0) {
      // No number begins before the end of what was looked at: "double double double" is not read again from each word.
      at = Math.max(at, end - 1);
      continue;
    }
    const [first, last] = [run[0], run.at(-1)];
    if (!first || !last) continue;
    const digits = digitsOf(run.map(({ word }) => word));
    at += run.length - 1;
    // Figures alone are the business of the other rules.
    if (digits.length < MIN_DIGITS || run.every(({ word }) => /^[\d+]+$/.test(word))) continue;
    const isPhone = digits.length >= 8 && digits.length <= 15;
    safe += text.slice(copied, first.start) + (isPhone ? phoneForm(digits, hmacKey) : '<number>');
    copied = last.end;
  }
  return safe + text.slice(copied);
}

function plain(word: string): string {
  return word.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function isNumberWord(word: string): boolean {
  return /^\d+$/.test(word) || [ONES, TEENS, TENS].some((words) => Object.hasOwn(words, word));
}

/** `end`: the first token behind what may belong to a number. */
type Run = { readonly run: readonly Token[]; readonly end: number };

/** The number words from `at` on, with what is said between them; nothing but blanks and light punctuation separates them. */
function runFrom(tokens: readonly Token[], at: number, text: string): Run {
  const first = tokens[at];
  if (!first || !(isNumberWord(first.word) || first.word === '+' || /^(?:plus|double|triple)$/.test(first.word)))
    return { run: [], end: at + 1 };
  let end = at + 1;
  let lastNumber = isNumberWord(first.word) ? at : at - 1;
  for (; end < tokens.length; end += 1) {
    const token = tokens[end] as Token;
    const between = text.slice((tokens[end - 1] as Token).end, token.start);
    if (!/^[\s,.;:()/\-–…]{0,6}$/.test(between)) break;
    if (isNumberWord(token.word)) lastNumber = end;
    else if (!BETWEEN.has(token.word)) break;
  }
  return { run: tokens.slice(at, lastNumber + 1), end };
}

/** The digits that a run of words stands for: "soixante-douze" 72, "quatre-vingt-dix-sept" 97, "double four" 44. */
function digitsOf(words: readonly string[]): string {
  let digits = '';
  let times = 1;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === 'double' || word === 'triple') {
      times = word === 'double' ? 2 : 3;
      continue;
    }
    if (BETWEEN.has(word) || word === '+') continue;
    const { value, used } = valueFrom(words, at);
    digits += value.repeat(times);
    times = 1;
    at += used - 1;
  }
  return digits;
}

type Value = { readonly value: string; readonly used: number };

function valueFrom(words: readonly string[], at: number): Value {
  const word = words[at] ?? '';
  if (/^\d+$/.test(word)) return { value: word, used: 1 };
  const isEighty = word === 'quatre' && /^vingts?$/.test(words[at + 1] ?? '');
  const tens = isEighty ? 80 : TENS[word];
  if (tens === undefined) return teenOrOne(words, at);
  let used = isEighty ? 2 : 1;
  const skip = words[at + used] === 'et' ? 1 : 0;
  const next = words[at + used + skip] ?? '';
  // Soixante-dix, quatre-vingt-dix: the teens go on where French counts by twenties.
  const more = ONES[next] || (tens === 60 || tens === 80 ? TEENS[next] : undefined);
  if (more === undefined || more === 0) return { value: String(tens), used };
  used += skip + 1;
  if (more !== 10) return { value: String(tens + more), used };
  const unit = ONES[words[at + used] ?? ''];
  return unit !== undefined && unit >= 7
    ? { value: String(tens + 10 + unit), used: used + 1 }
    : { value: String(tens + 10), used };
}

function teenOrOne(words: readonly string[], at: number): Value {
  const word = words[at] ?? '';
  const teen = TEENS[word];
  if (teen === undefined) return { value: String(ONES[word] ?? ''), used: 1 };
  const unit = word === 'dix' ? ONES[words[at + 1] ?? ''] : undefined;
  return unit !== undefined && unit >= 7 ? { value: String(10 + unit), used: 2 } : { value: String(teen), used: 1 };
}
