import { MAX_ATTRIBUTE_LENGTH } from '../conventions/index.ts';
import { toAscii } from './ascii.ts';
import { replaceAccounts, replaceIpAddresses, replaceMailAddresses } from './identifiers.ts';
import { kindOfKey } from './keys.ts';
import { replacePhones } from './phones.ts';
import { replaceSecrets } from './secrets.ts';
import { replaceSpokenMail, replaceSpokenNumbers } from './spoken.ts';

/** The longest text that is read; what is beyond is cut away (one long line must not hold up the media). */
export const MAX_TEXT_LENGTH = 32_768;

/** No number, address or token that is looked for is longer, blanks included. */
const TORN_LENGTH = 64;

/** One look tells most values from those that need a second: digits in a row, addresses, schemes, long words, key words. */
const SUSPICIOUS =
  /\d(?:[\s.\-/()]{0,3}\d){6}|@|%[0-9A-Fa-f]{2}|:[0-9A-Fa-f]*:|:\/\/\S{0,1024}\?|(?<![\d.])(?!127\.)\d{1,3}\.\d{1,3}\.\d|[A-Za-z0-9_+=-]{20}|\b(?:sk|pk|rk|client|sips?)[-_:]|["=]|'\s*:|bearer|basic|digest|(?:pass|pwd|secret|token|key|credential|cookie|authorization|signature|jwt)[\w.-]{0,32}:/i;
const MAYBE_SPOKEN =
  /(?:arobase|arrobase|\bat\b)|(?:(?:z[ée]ro|oh?|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|one|two|three|four|five|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|double|triple|\d{1,15})[\s,-]+){3}/i;

/** `"key": "value"` of JSON, and as Python prints it. */
const JSON_PAIRS = [
  /"([^"\\\n]{1,64})"(\s*:\s*)"((?:[^"\\]|\\.){0,4096})"/g,
  /'([^'\\\n]{1,64})'(\s*:\s*)'((?:[^'\\]|\\.){0,4096})'/g,
];
/** `key=value` of forms, queries and log lines. */
const PAIR =
  /(?<![\w.-])([A-Za-z_][\w.-]{0,63})(=|:\s?(?=["']?[^\s"']{8}))("[^"\n]{0,512}"|'[^'\n]{0,512}'|[^\s&;,"'<>)\]}]{1,512})/g;
const URL_QUERY = /((?:https?|wss?):\/\/[^\s"'<>?]{1,2048})\?(?!<query>)[^\s"'<>]*/gi;

/** What is taken out of free text. */
export type TextRules = {
  /** False: keys and tokens alone. */
  readonly personal: boolean;
  readonly hmacKey: string | undefined;
  /** Secrets of this process, by value. */
  readonly secrets: readonly string[];
  /** IP addresses of the operator's own machines: they stay. */
  readonly ownAddresses: ReadonlySet<string>;
};

/** Free text without secrets and, by `rules`, without personal data that can be told by its form. */
export function redactText(text: string, rules: TextRules): string {
  if (text.length < 6) return text;
  const cut = withoutSecrets(withoutTorn(text), rules);
  const read = toAscii(cut);
  const safe = redactAscii(read, rules);
  return safe === read ? cut : safe;
}

function redactAscii(text: string, rules: TextRules): string {
  const isSpoken = rules.personal && text.length > 15 && MAYBE_SPOKEN.test(text);
  if (!isSpoken && !SUSPICIOUS.test(text)) return text;
  const plain = rules.personal ? text.replace(URL_QUERY, '$1?<query>') : text;
  const decoded = decodeWhole(plain);
  if (decoded !== plain) {
    const safe = redactDecoded(decoded, rules);
    if (safe !== decoded) return safe;
  }
  return redactDecoded(plain, rules);
}

/** Where text was cut, by us or by the limit of attributes, what is torn in two has no form any more: it goes. */
function withoutTorn(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH && text.length !== MAX_ATTRIBUTE_LENGTH) return text;
  const whole = text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text;
  return `${whole.slice(0, -TORN_LENGTH)}${whole.slice(-TORN_LENGTH).replace(/[\d\s.()+-]{2,64}$|\S{1,64}$/, '')}<cut>`;
}

/** A secret may look like any word: no rule of form can tell in which texts one is. */
function withoutSecrets(text: string, { secrets }: TextRules): string {
  let safe = text;
  for (const secret of secrets) safe = safe.replaceAll(secret, '<secret>');
  return safe;
}

function redactDecoded(text: string, rules: TextRules): string {
  let safe = replacePairs(replaceSecrets(withoutSecrets(text, rules)), rules.personal);
  if (!rules.personal) return safe;
  safe = replaceMailAddresses(safe);
  safe = replacePhones(replaceIpAddresses(replaceAccounts(safe), rules.ownAddresses), rules.hmacKey);
  return MAYBE_SPOKEN.test(safe) ? replaceSpokenNumbers(replaceSpokenMail(safe), rules.hmacKey) : safe;
}

/** A number in a form or a path is written `%2B33...`. */
function decodeWhole(text: string): string {
  if (!/%[0-9A-Fa-f]{2}/.test(text)) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%2B/gi, '+').replace(/%40/g, '@').replace(/%20/g, ' ').replace(/%3A/gi, ':');
  }
}

function replacePairs(text: string, personal: boolean): string {
  const ofKey = (key: string): string | undefined => {
    const kind = kindOfKey(key);
    if (kind.kind === 'secret') return '<secret>';
    if (!personal) return undefined;
    if (kind.kind === 'personal') return kind.label === 'phone' ? undefined : `<${kind.label}>`;
    return kind.kind === 'content' ? '<content>' : undefined;
  };
  let withoutJson = text;
  for (const form of JSON_PAIRS) {
    withoutJson = withoutJson.replace(form, (pair: string, key: string, colon: string, value: string) => {
      const label = value === '' || isPlaceholder(value) ? undefined : ofKey(key);
      const quote = pair[0];
      return label ? `${quote}${key}${quote}${colon}${quote}${label}${quote}` : pair;
    });
  }
  return withoutJson.replace(PAIR, (pair, key: string, sign: string, value: string) => {
    // A colon is also that of "TypeError: message": only keys that can be nothing else count before it.
    const kind = kindOfKey(key).kind;
    if (sign !== '=' && kind !== 'secret') return pair;
    const label = isPlaceholder(value) ? undefined : ofKey(key);
    return label ? `${key}${sign}${label}` : pair;
  });
}

function isPlaceholder(value: string): boolean {
  return /^<\w+(?::[0-9a-f]{16})?>$/.test(value);
}
