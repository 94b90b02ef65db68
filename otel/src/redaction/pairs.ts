import { kindOfKey } from './keys.ts';
import { closingOf, endOfBlock, endOfForm, endOfWords, quoteAt, type Reach } from './pair-values.ts';
import { ANY_PLACEHOLDER, PLACEHOLDER } from './placeholders.ts';

/** A key where it stands in a text, and what its value is replaced by. */
type Key = {
  readonly name: string;
  /** The quote around it with its backslashes; empty without one. */
  readonly quote: string;
  readonly sign: '=' | ':';
  readonly start: number;
  readonly label: string;
  readonly isSecret: boolean;
};
type Replaced = { readonly start: number; readonly end: number; readonly by: string };

const SIGN = /[=:]/g;
const MAX_KEY_LENGTH = 64;
const KEY_CHARACTER = /[\w.-]/;
const QUOTED_KEY = /^[^\n"'`{}[\]:,=<>]{1,64}$/;
/** Before a colon most words are no keys at all: these are, whatever follows. */
const SECRET_KEY = /pass|pwd|secret|token|key|credential|cookie|authorization|signature|jwt|otp|pin|cv[vc]/i;
const KEYPAD_KEY = /digits|dtmf/i;

/**
 * Replaces the values of keys that speak of secrets or persons: pairs of JSON (in strings of JSON, too), of objects as
 * Python and Node print them, of forms, queries, headers and log lines.
 * @param personal false: those of secrets alone
 */
export function replacePairs(text: string, personal: boolean): string {
  let safe = '';
  let copied = 0;
  SIGN.lastIndex = 0;
  for (let sign = SIGN.exec(text); sign; sign = SIGN.exec(text)) {
    const end = SIGN.lastIndex;
    const key = keyBefore(text, sign.index, personal);
    const found = key && valueAfter(text, end, key);
    SIGN.lastIndex = found?.end ?? end;
    if (!found) continue;
    safe += text.slice(copied, found.start) + found.by;
    copied = found.end;
  }
  return copied === 0 ? text : safe + text.slice(copied);
}

function keyBefore(text: string, sign: number, personal: boolean): Key | undefined {
  let end = sign;
  while (end > 0 && end > sign - 2 && /\s/.test(text[end - 1] as string)) end -= 1;
  const mark = text[end - 1] ?? '';
  const isQuoted = mark === '"' || mark === "'" || mark === '`';
  const bare = isQuoted ? quotedKey(text, end) : bareKey(text, end);
  if (!bare) return undefined;
  const isPair = text[sign] === '=';
  if (!isPair && !isQuoted && !maybeKey(text, sign + 1, bare.name)) return undefined;
  const label = labelOf(bare.name, personal, isQuoted ? '' : text.slice(Math.max(0, bare.start - 24), bare.start));
  return label ? { ...bare, label, sign: isPair ? '=' : ':', isSecret: label === '<secret>' } : undefined;
}

function quotedKey(text: string, end: number): { name: string; quote: string; start: number } | undefined {
  let depth = 0;
  while (depth < 7 && text[end - 2 - depth] === '\\') depth += 1;
  const from = Math.max(0, end - 2 - depth - MAX_KEY_LENGTH);
  const inside = text.slice(from, end - 1 - depth);
  const opening = inside.lastIndexOf(text[end - 1] as string);
  const name = inside.slice(opening + 1);
  if (opening < 0 || !QUOTED_KEY.test(name)) return undefined;
  return { name, quote: text.slice(end - 1 - depth, end), start: from + opening };
}

function bareKey(text: string, end: number): { name: string; quote: string; start: number } | undefined {
  let start = end;
  while (start > 0 && end - start < MAX_KEY_LENGTH && KEY_CHARACTER.test(text[start - 1] as string)) start -= 1;
  while (start < end && !/[A-Za-z_]/.test(text[start] as string)) start += 1;
  return start < end ? { name: text.slice(start, end), quote: '', start } : undefined;
}

const OBJECT_VALUE = /\s{0,16}(?:["'`]|\\["'`]|\[\s{0,16}['"`\d{[]|\{\s{0,16}['"`\w])/y;

/** A colon is also that of "TypeError: message" and of times. */
function maybeKey(text: string, from: number, name: string): boolean {
  if (SECRET_KEY.test(name) || KEYPAD_KEY.test(name)) return true;
  OBJECT_VALUE.lastIndex = from;
  return OBJECT_VALUE.test(text);
}

function labelOf(key: string, personal: boolean, before: string): string | undefined {
  const kind = kindOfKey(key);
  if (kind.kind === 'secret') return '<secret>';
  if (!personal) return undefined;
  // `stage name=reply` is as technical as the key `stage.name`.
  const owner = key.toLowerCase() === 'name' ? /(?:^|[^\w.-])([A-Za-z]{2,20})\s$/.exec(before)?.[1] : undefined;
  if (owner && kindOfKey(`${owner}.name`).kind === 'open') return undefined;
  if (kind.kind === 'personal') return kind.label === 'phone' ? undefined : `<${kind.label}>`;
  return kind.kind === 'content' ? '<content>' : undefined;
}

function valueAfter(text: string, from: number, key: Key): Replaced | undefined {
  const start = startOfValue(text, from, key);
  if (start === undefined) return undefined;
  const sign = text[start];
  if (sign === '[' || sign === '{') return blockValue(text, start, key);
  const quote = quoteAt(text, start);
  if (!quote) return bareValue(text, start, key);
  const first = start + quote.depth + 1;
  const closing = closingOf(text, first, quote);
  if (isNobodys(text.slice(first, closing), key)) return undefined;
  const isClosed = closing < text.length;
  const opened = text.slice(start, first);
  const end = isClosed ? closing + quote.depth + 1 : closing;
  return { start, end, by: key.sign === '=' ? key.label : `${opened}${key.label}${isClosed ? opened : ''}` };
}

function startOfValue(text: string, from: number, { sign, quote }: Key): number | undefined {
  let start = from;
  if (sign === '=') while (start < from + 2 && text[start] === '=') start += 1;
  if (sign === '=' && text[start] === '>') return undefined;
  const begin = start;
  const most = sign === '=' ? 2 : 16;
  while (start < begin + most && /\s/.test(text[start] ?? '')) start += 1;
  const isNextLine = /\n/.test(text.slice(begin, start));
  // Long strings of an object are printed under their key.
  return isNextLine && !quote && !quoteAt(text, start) ? undefined : start;
}

function blockValue(text: string, start: number, key: Key): Replaced | undefined {
  OBJECT_VALUE.lastIndex = start;
  if (key.sign === ':' && !key.quote && !OBJECT_VALUE.test(text)) return undefined;
  const end = endOfBlock(text, start);
  const content = text.slice(start, end);
  if (/^\[(?:Object|Array|Function|Circular|object \w{1,32})\]$/.test(content)) return undefined;
  if (isNobodys(content.slice(1, -1), key)) return undefined;
  const quote = key.quote || "'";
  return { start, end, by: key.sign === '=' ? key.label : `${quote}${key.label}${quote}` };
}

const WHOLE_PLACEHOLDER = new RegExp(`^${ANY_PLACEHOLDER}$`);
const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|0\.0\.0\.0|::1?|localhost)(?::\d{1,5})?$/;

function isNobodys(value: string, { label }: Key): boolean {
  if (!/[\p{L}\p{N}]/u.test(value) || WHOLE_PLACEHOLDER.test(value)) return true;
  return label === '<address>' && LOOPBACK.test(value);
}

/** Nothing, or where a statement of SQL says that a value comes. */
const LITERAL = /^(?:true|false|null|undefined|None|True|False|NaN|\$\d{1,3})$/;
/** What is said about a secret in place of it. */
const STATES = new Set(
  `absent accepted cannot changed denied disabled empty enabled eof error expected expires expired failed failure
  forbidden given hidden identifier ident ignored incorrect invalid is keyword length loaded malformed masked mismatch
  mismatched missing must name named no none not null number object ok omitted operator optional placeholder present
  provided punc punctuation received redacted refresh refused rejected required reset revoked sent set should shown skipped string
  too true false unauthorized undefined unexpected unknown unset unsupported updated used valid verification verified was weak
  wrong yes`.split(/\s+/),
);

function bareValue(text: string, start: number, key: Key): Replaced | undefined {
  // `name= status=ok` says no name.
  if (/\s/.test(text[start - 1] ?? '') && key.sign === '=' && endOfForm(text, start, 'nextKey') > start)
    return undefined;
  if (startsEncoded(text, start)) return undefined;
  const begin = isAuthorization(key) ? endOfScheme(text, start) : start;
  if (startsPlaceholder(text, begin)) return undefined;
  const firstEnd = endOfForm(text, begin, 'token');
  const first = text.slice(begin, firstEnd);
  if (!/[\p{L}\p{N}]/u.test(first) || LITERAL.test(first)) return undefined;
  if (key.sign === ':' && !isValueOfColon(text, begin, first, key)) return undefined;
  if (!key.isSecret && isTechnical(first, text.slice(firstEnd, firstEnd + 72), key)) return undefined;
  if (key.label === '<address>' && LOOPBACK.test(first)) return undefined;
  const reached = endOfValue(text, { begin, firstEnd, key });
  // A number of somebody that stands in the place of a token, too, goes with all its groups.
  const whole = /^[\d+().-]+$/.test(first) ? endOfWords(text, reached, 'figures', 8) : reached;
  const end = withinQuotes(text, begin, whole, key);
  return { start: begin, end, by: key.quote ? `${key.quote}${key.label}${key.quote}` : key.label };
}

const PLACEHOLDER_HERE = new RegExp(PLACEHOLDER, 'y');

function startsPlaceholder(text: string, at: number): boolean {
  PLACEHOLDER_HERE.lastIndex = at;
  return PLACEHOLDER_HERE.test(text);
}

const ENCODED_OPENING = /%(?:25)*(?:22|27|5B|7B)/iy;

/** A quote or bracket that is still encoded: how far it reaches is known when it is decoded. */
function startsEncoded(text: string, at: number): boolean {
  ENCODED_OPENING.lastIndex = at;
  return ENCODED_OPENING.test(text);
}

/** Only secrets are so without quotes behind a colon: `name: value` may be any sentence. */
function isValueOfColon(text: string, begin: number, first: string, { quote, isSecret, name }: Key): boolean {
  if (STATES.has(first.replace(/[^a-z]+$/, ''))) return false;
  if (quote) return true;
  if (!isSecret) return KEYPAD_KEY.test(name) && /^\d/.test(first);
  // `token:refresh` is a name of something, too.
  return text[begin - 1] !== ':' || !/^[a-z]{1,7}$/.test(first) || /pass|pwd/i.test(name);
}

/** Under these a short number is what somebody said, typed or was born on. */
const NUMBER_COUNTS =
  /digit|dtmf|speech|transcri|utter|words|text|content|notes|zip|post|code|birth|dob|naissance|ssn|passport|lat|long|pan/i;

const COUNT_ENDS =
  /^(?:$|[,;&)\]}"'|<]|\s{0,2}(?:$|[\n,;|)\]}]|[A-Za-z_][\w.-]{0,63}=)|\s?(?:bytes?|chars?|characters|tokens|items|lines|[kM]i?B|m?s)(?!\w))/;

/** `args=3`, `body=12 bytes`, `address=0x7ffe`: how many, or where in memory; `address=12 rue` is where somebody lives. */
function isTechnical(first: string, after: string, { name }: Key): boolean {
  if (/^0x[0-9a-f]{1,16}$/i.test(first)) return true;
  return /^\d{1,5}$/.test(first) && COUNT_ENDS.test(after) && !NUMBER_COUNTS.test(name);
}

function isAuthorization({ name }: Key): boolean {
  return /authorization$/i.test(name);
}

const SCHEME =
  /(?:basic|bearer|digest|token|api-?key|key|negotiate|ntlm|hmac|hawk|oauth|dpop|signature|aws4-hmac-sha256|scram-[\w-]{1,16})[^\S\n]{1,4}(?=\S)/iy;

function endOfScheme(text: string, start: number): number {
  SCHEME.lastIndex = start;
  return SCHEME.test(text) ? SCHEME.lastIndex : start;
}

type Place = { readonly begin: number; readonly firstEnd: number; readonly key: Key };

function endOfValue(text: string, { begin, firstEnd, key }: Place): number {
  if (/cookie/i.test(key.name)) return Math.max(firstEnd, endOfForm(text, begin, 'cookies'));
  if (isAuthorization(key)) return Math.max(firstEnd, endOfForm(text, begin, 'credentials'));
  // No value of a query has a blank in it.
  if (key.sign === '=' && /[?&]/.test(text[key.start - 1] ?? '')) return firstEnd;
  const { form, most } = reachOf(key);
  return form ? endOfWords(text, firstEnd, form, most) : firstEnd;
}

function reachOf({ name, label, isSecret, sign }: Key): { form?: Reach; most: number } {
  if (isSecret && /(?:pass|pwd|secret|credential)/i.test(name) && !/key|token/i.test(name))
    return { form: sign === '=' ? 'passWord' : 'passWordOfProse', most: 8 };
  if (isSecret) return { most: 0 };
  if (label === '<content>' || label === '<address>') return { form: 'clause', most: 1 };
  return { form: label === '<name>' ? 'nameWord' : 'word', most: 6 };
}

/** `'name=Jean' failed`: the quote before the key closes behind the value. */
function withinQuotes(text: string, begin: number, end: number, { start }: Key): number {
  const mark = text[start - 1] ?? '';
  if (mark !== '"' && mark !== "'" && mark !== '`') return end;
  const closing = closingOf(text.slice(0, end), begin, { mark, depth: text[start - 2] === '\\' ? 1 : 0 });
  return Math.max(begin + 1, closing);
}
