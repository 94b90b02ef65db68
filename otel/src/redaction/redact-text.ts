import { MAX_ATTRIBUTE_LENGTH } from '../conventions/index.ts';
import { toAscii } from './ascii.ts';
import { replaceAccounts, replaceIpAddresses, replaceMailAddresses } from './identifiers.ts';
import { replacePairs } from './pairs.ts';
import { replacePhones } from './phones.ts';
import { replaceSecrets } from './secrets.ts';
import { replaceSpokenMail, replaceSpokenNumbers } from './spoken.ts';

/** The longest text that is read; what is beyond is cut away (one long line must not hold up the media). */
export const MAX_TEXT_LENGTH = 32_768;

/** No number, address or token that is looked for is longer, blanks included; secrets of the process may be. */
const TORN_LENGTH = 64;

/** One look tells most values from those that need a second: digits in a row, addresses, schemes, long words, key words. */
const SUSPICIOUS =
  /\d(?:[\s.,\-/()]{0,3}\d){6}|@|%[0-9A-Fa-f]{2}|:[0-9A-Fa-f]*:|:\/\/\S{0,1024}\?|(?<![\d.])(?!127\.)\d{1,3}\.\d{1,3}\.\d|[A-Za-z0-9_+=-]{20}|\b(?:sk|pk|rk|client|sips?)[-_:]|["=]|'\s*:|[:[]\s?['`]|bearer|basic|digest|(?:pass|pwd|secret|token|key|credential|cookie|authorization|signature|jwt)[\w.-]{0,32}\s?:|(?:otp|pin|cvv|cvc|digits|dtmf):/i;
const MAYBE_SPOKEN =
  /(?:arobase|arrobase|\bat\b|\s@|@\s)|(?:(?:z[ée]ro|oh?|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|one|two|three|four|five|seven|eight|nine|ten|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|double|triple|\d{1,15})[\s,-]+){3}/i;

const URL_QUERY = /((?:https?|wss?):\/\/[^\s"'<>?]{1,2048})\?(?!<query>)[^\s"'<>]*/gi;
/** Of a path alone, as servers log it. */
const PATH_QUERY = /(?<![^\s"'(=[`])(\/[^\s"'<>?]{0,512})\?(?=[^\s"'<>=%]{0,256}[=%])[^\s"'<>]*/g;
/** Who decodes what he gets may have got it from somebody who encoded it, too. */
const MAX_ENCODINGS = 3;

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
  const safe = redactForms(withoutSecrets(withoutTorn(text, rules), rules), rules);
  const read = toAscii(safe);
  if (read === safe) return safe;
  // Only then is the text rewritten: dashes and letters of others are theirs.
  const again = redactForms(read, rules);
  return again === read ? safe : again;
}

function redactForms(text: string, rules: TextRules): string {
  const isSpoken = rules.personal && text.length > 15 && MAYBE_SPOKEN.test(text);
  if (!isSpoken && !SUSPICIOUS.test(text)) return text;
  const plain = rules.personal ? text.replace(URL_QUERY, '$1?<query>').replace(PATH_QUERY, '$1?<query>') : text;
  return plain.includes('%') ? redactEncoded(plain, rules, MAX_ENCODINGS) : redactDecoded(plain, rules);
}

/** Pairs are read before their values are decoded, too: there a blank or `&` in a value is not yet the end of it. */
function redactEncoded(text: string, rules: TextRules, left: number): string {
  const paired = replacePairs(replaceSecrets(text), rules.personal);
  const decoded = decodePercents(paired, left === 1);
  if (decoded === paired) return redactDecoded(paired, rules);
  const read = toAscii(withoutSecrets(decoded, rules));
  const safe = left > 1 ? redactEncoded(read, rules, left - 1) : redactDecoded(read, rules);
  return safe === decoded ? redactDecoded(paired, rules) : safe;
}

/** Where text was cut, by us or by the limit of attributes, what is torn in two has no form any more: it goes. */
function withoutTorn(text: string, { secrets }: TextRules): string {
  if (text.length <= MAX_TEXT_LENGTH && text.length !== MAX_ATTRIBUTE_LENGTH) return text;
  const whole = text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text;
  const longest = secrets.reduce((most, secret) => Math.max(most, secret.length), TORN_LENGTH);
  let word = whole.length;
  while (word > whole.length - longest && /\S/.test(whole[word - 1] ?? ' ')) word -= 1;
  const figures = whole.length - (/[\d\s.()+-]{2,64}$/.exec(whole.slice(-TORN_LENGTH))?.[0].length ?? 0);
  return `${whole.slice(0, Math.min(word, figures, ...secrets.map((secret) => tornAt(whole, secret))))}<cut>`;
}

/** Where a secret begins that the end of the text cuts in two; fewer characters of it say nothing. */
function tornAt(text: string, secret: string): number {
  const last = text.at(-1);
  for (let length = Math.min(secret.length - 1, text.length); length > 3; length -= 1)
    if (secret[length - 1] === last && text.endsWith(secret.slice(0, length))) return text.length - length;
  return text.length;
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

/**
 * A number in a form or a path is written `%2B33...`. Run by run: one `%` that encodes nothing leaves the others readable.
 * @param wholly what was encoded several times, too
 */
function decodePercents(text: string, wholly: boolean): string {
  const once = wholly ? text.replace(/%(?:25)+(?=[0-9A-Fa-f]{2})/g, '%') : text;
  return once.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run.replace(/%[0-7][0-9A-Fa-f]/g, (one) => decodeURIComponent(one));
    }
  });
}
