import { PLACEHOLDER } from './placeholders.ts';

const KEY = '[A-Za-z_][\\w.-]{0,63}\\s?';
/** Quotes, brackets and commas in the middle of a word belong to it: `hun'ter2`, `a,b`. Before a key they end it. */
const TOKEN = `(?:[^\\s&,;"'\`<>)\\]}\\\\]|<(?!${PLACEHOLDER}|/)|[)\\]}>"'](?=[\\p{L}\\p{N}])|[,;&](?!${KEY}[=:]|[\\s"'<>)\\]}]|$)|\\\\(?!\\\\{0,7}["'\`]))+`;
const PARAMETER = '[\\w-]{1,32}=(?:"[^"\\n]{0,1024}"|[^\\s,"]{1,1024})';
const COOKIE_PIECE = '(?:[^\\s;,"\'\\\\]|"[^"\\n]{0,1024}"(?![^;\\s]))+';

/** Sticky: they say how far a value reaches from where it begins. */
const FORMS = {
  nextKey: new RegExp(`${KEY}=`, 'uy'),
  token: new RegExp(TOKEN, 'uy'),
  cookies: new RegExp(`${COOKIE_PIECE}(?:(?:;|,(?=\\s?[\\w.-]{1,64}=))[^\\S\\n]{0,2}${COOKIE_PIECE})*`, 'uy'),
  credentials: new RegExp(`(?:${PARAMETER}|${TOKEN})(?:,\\s?${PARAMETER})*`, 'uy'),
  nameWord: new RegExp(
    `,?[^\\S\\n]{1,2}(?!${KEY}[=:])(?:\\p{L}[\\p{L}\\p{M}.'’-]*(?=[\\s,;!?)\\]}"'&]|$)|${PLACEHOLDER})`,
    'uy',
  ),
  word: new RegExp(`[^\\S\\n]{1,2}(?!${KEY}[=:])(?:${TOKEN}|${PLACEHOLDER})`, 'uy'),
  passWord: new RegExp(`[^\\S\\n]{1,2}(?!${KEY}=)(?:${TOKEN}|${PLACEHOLDER})`, 'uy'),
  passWordOfProse: new RegExp(
    `[^\\S\\n]{1,2}(?!${KEY}=|(?:for|at|in|on|from|is|was|were|has|with|by|of|after|because|does|did|failed|rejected|expired|refused|denied)(?![\\w'-]))(?:${TOKEN}|${PLACEHOLDER})`,
    'uy',
  ),
  figures: /[ -]\d{1,4}(?![\w:]|\.\d)/uy,
  clause: new RegExp(
    `(?:[^\\s,;&|"'\`\\\\]|(?!\\n)[\\s,;&|](?![\\s,;&|]{0,8}${KEY}=)|["'\`](?=[\\p{L}\\p{N}])|["'\`](?!\\s{0,8}(?:[,}\\]:)]|$))|\\\\(?!\\\\{0,7}["'\`]))+`,
    'uy',
  ),
} as const;

/** How a value without quotes goes on behind its first word. */
export type Reach = keyof typeof FORMS;

/** The end of what stands in one form from `from` on; `from` when nothing of it does. */
export function endOfForm(text: string, from: number, form: Reach): number {
  const pattern = FORMS[form];
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : from;
}

/** The end of at most `most` words in a row, each with the blank before it. */
export function endOfWords(text: string, from: number, form: Reach, most: number): number {
  let end = from;
  for (let count = 0; count < most; count += 1) {
    const next = endOfForm(text, end, form);
    if (next === end) break;
    end = next;
  }
  return end;
}

/** A quote as it stands in the text: in JSON that is itself a string of JSON, backslashes stand before it. */
type Quote = { readonly mark: string; readonly depth: number };

const OPENING = /(\\{0,7})(["'`])/y;

/** The quote that opens at `from`. */
export function quoteAt(text: string, from: number): Quote | undefined {
  OPENING.lastIndex = from;
  const found = OPENING.exec(text);
  return found ? { mark: found[2] as string, depth: (found[1] as string).length } : undefined;
}

/**
 * Where the quote closes: the place of its backslashes, or the end of the text when it was cut before. Consumes all that it
 * has read, so that a text of openings alone is not read once for each of them.
 */
export function closingOf(text: string, from: number, { mark, depth }: Quote): number {
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) {
    let backslashes = 0;
    while (at - backslashes > from && text[at - backslashes - 1] === '\\') backslashes += 1;
    // `\"` in JSON, `\\\"` in JSON in JSON: twice as many and one more are quotes inside.
    if (backslashes % (2 * (depth + 1)) !== depth) continue;
    if (mark === "'" && isInWord(text, at)) continue;
    return at - depth;
  }
  return text.length;
}

/** `d'Arc`, `hun'ter2`. */
function isInWord(text: string, at: number): boolean {
  return /[\p{L}\p{N}]['’]?[\p{L}\p{N}]/u.test(text.slice(at - 1, at + 2)) && /[\p{L}\p{N}]/u.test(text[at + 1] ?? '');
}

/** Behind the bracket that closes the one at `from`, or the end of the text when none does. */
export function endOfBlock(text: string, from: number): number {
  let open = 0;
  const unclosed = new Set<string>();
  for (let at = from; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (sign === '{' || sign === '[') open += 1;
    else if (sign === '}' || sign === ']') {
      open -= 1;
      if (open === 0) return at + 1;
    } else if (sign === '\\' || sign === '"' || sign === "'" || sign === '`') {
      const quote = quoteAt(text, at);
      if (!quote || unclosed.has(quote.mark + quote.depth)) continue;
      const end = closingOf(text, at + quote.depth + 1, quote);
      // An apostrophe opens nothing.
      if (end < text.length) at = end + quote.depth;
      else unclosed.add(quote.mark + quote.depth);
    }
  }
  return text.length;
}
