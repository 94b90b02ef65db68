/** A part of a text: as it is said, or JSON that has been read. */
export type TextPart =
  | { readonly kind: 'text'; readonly text: string }
  /** `isTorn`: the text ended before it did; what is there is in `data`. */
  | { readonly kind: 'data'; readonly data: unknown; readonly isTorn: boolean }
  /** Made like an object, but no JSON: nobody can say what belongs to which key. */
  | { readonly kind: 'unreadable' };

/** What begins like an object or a list. */
const OPENING = /[{[](?=\s{0,64}(?:["'{[\]}\d-]|true|false|null))/g;
/** A key and its colon, in the quotes of JSON or of Python. */
const OBJECT_LIKE = /^[[\s]{0,64}\{\s{0,64}(?:"[^"]{0,256}"|'[^']{0,256}')\s{0,64}:/;
/** Each is read to its end: brackets that are none of JSON are not tried without end. */
const MAX_FAILURES = 32;

/** Takes a text apart where JSON objects and lists stand in it, whole ones and one that is torn at the end. */
export function splitJson(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let copied = 0;
  let failures = 0;
  for (const { index } of text.matchAll(OPENING)) {
    if (index < copied) continue;
    if (failures >= MAX_FAILURES) break;
    const found = readJson(text, index);
    if (found === undefined) {
      failures += 1;
      continue;
    }
    if (index > copied) parts.push({ kind: 'text', text: text.slice(copied, index) });
    parts.push(found.part);
    copied = found.end;
  }
  if (copied < text.length || parts.length === 0) parts.push({ kind: 'text', text: text.slice(copied) });
  return parts;
}

/** The text that a JSON string holds when the whole text is one, torn or not. */
export function readJsonString(text: string): { readonly text: string; readonly isTorn: boolean } | undefined {
  const trimmed = text.trim();
  const whole = trimmed.startsWith('"') ? parsed(trimmed) : undefined;
  if (typeof whole?.data === 'string') return { text: whole.data, isTorn: false };
  if (!/^"\s{0,64}[{[]/.test(trimmed)) return undefined;
  const torn = parsed(`${withoutTornEscape(trimmed)}"`);
  return typeof torn?.data === 'string' ? { text: torn.data, isTorn: true } : undefined;
}

type Found = { readonly part: TextPart; readonly end: number };

function readJson(text: string, at: number): Found | undefined {
  const { end, closers, inString } = scan(text, at);
  const whole = closers === '' ? parsed(text.slice(at, end)) : undefined;
  if (whole) return { part: { kind: 'data', data: whole.data, isTorn: false }, end };
  const torn = closers ? parseTorn(text.slice(at), closers, inString) : undefined;
  if (torn) return { part: { kind: 'data', data: torn.data, isTorn: true }, end: text.length };
  if (!OBJECT_LIKE.test(text.slice(at, at + 1024))) return undefined;
  return { part: { kind: 'unreadable' }, end: closers === '' ? end : text.length };
}

/** To where the bracket at `at` is closed; `closers`: what is missing when it is not. */
function scan(text: string, at: number): { end: number; closers: string; inString: boolean } {
  let closers = '';
  let inString = false;
  for (let end = at; end < text.length; end += 1) {
    const character = text[end];
    if (inString && character === '\\') end += 1;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === '{' || character === '[') closers = (character === '{' ? '}' : ']') + closers;
    else if (character === '}' || character === ']') {
      // A bracket of the wrong kind closes as well: what it is then is no JSON, and read as such.
      closers = closers.slice(1);
      if (closers === '') return { end: end + 1, closers, inString };
    }
  }
  return { end: text.length, closers, inString };
}

/** With what is missing at its end, wherever it was torn: in a value, in a key, after one, in a number. */
function parseTorn(body: string, closers: string, inString: boolean): { data: unknown } | undefined {
  const candidates = inString
    ? [`${withoutTornEscape(body)}"`, `${withoutTornEscape(body)}":null`]
    : [body, `${body}:null`, `${body}null`, body.replace(/,\s{0,64}$/, ''), body.replace(/[\w.+-]{1,64}$/, 'null')];
  for (const candidate of candidates) {
    const found = parsed(candidate + closers);
    if (found) return found;
  }
  return undefined;
}

function withoutTornEscape(body: string): string {
  return body.replace(/(?<=(?<!\\)(?:\\\\){0,64})\\(?:u[\da-f]{0,3})?$/i, '');
}

function parsed(json: string): { data: unknown } | undefined {
  try {
    return { data: JSON.parse(json) };
  } catch {
    return undefined;
  }
}
