/** Forms of keys and tokens that are known by how they begin or how they are built. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, '<secret>'],
  // A password may have `@` and `'` in it, and a slash, too, where what is behind the colon is no port.
  [
    /(:\/\/)(?:[^\s/@:"'<>[]{0,256}:(?!\d{1,5}(?:[/?#]|$))(?:[^\s"'<>]|'(?=\w)){1,256}|(?:[^\s/"'<>]|'(?=\w)){1,256})@/g,
    '$1<secret>@',
  ],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, '<secret>'],
  [/\b(?:AC|SK)[0-9a-f]{32}:[\w-]{16,}/gi, '<secret>'],
  [
    /(?<![\w-])(?:sk|pk|rk)[-_](?:[\w-]{16,})|\bgh[oprsu]_\w{20,}|\bgithub_pat_\w{20,}|\bxox[abprs]-[\w-]{10,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{30,}|\bglpat-[\w-]{16,}/g,
    '<secret>',
  ],
];

/** Letters and digits in a row: what a random key looks like, and also a long name; {@link isRandom} tells them apart. */
const LONG = /(?<![\w+=-])[A-Za-z0-9_+=-]{32,}(?![\w+=-])/g;
/** Ids of answers and requests are random, too, and open nothing. */
const ID_PREFIX = /^(?:chatcmpl|resp|req|msg|call|run|item|event|evt|sess|rs|fc|asst|thread|batch|file)[-_]/;
/** Below this, bits a character, text is no random base64 (32 random characters have about 4.5). */
const RANDOM_BITS = 4;

const CREDENTIALS = /\b(Bearer|Basic|Digest)\s{1,16}(?![\w-]{1,32}="|[\w-]{1,32}=[^=\s])([\w.~+/=-]{8,})/gi;
/** "Bearer authentication failed": what else is said of a bearer. */
const SAID_OF_BEARER = /^[a-z]+(?:tions?|als?|ed|ing|ments?|it(?:y|ies)|[ae]nce)[.-]?$/;

/** "A basic question", "Digest mismatched" are no credentials; those have digits, padding or letters of both cases. */
function isCredential(scheme: string, token: string): boolean {
  if (/\d|=|[a-z][A-Za-z]*[A-Z]|[A-Z]{2}[A-Za-z]*[a-z]/.test(token)) return true;
  return /^bearer$/i.test(scheme) && !SAID_OF_BEARER.test(token);
}

/** Replaces keys, tokens and passwords that can be told by their form. */
export function replaceSecrets(text: string): string {
  let safe = text.replace(CREDENTIALS, (found, scheme: string, token: string) =>
    isCredential(scheme, token) ? `${scheme} <secret>` : found,
  );
  for (const [form, replacement] of FORMS) safe = safe.replace(form, replacement);
  return safe.replace(LONG, (token) => (isRandom(token) ? '<secret>' : token));
}

function isRandom(token: string): boolean {
  if (ID_PREFIX.test(token) || /^[0-9a-f-]+$/i.test(token)) return false;
  const isMixed = (token.match(/\d/g)?.length ?? 0) >= 2 && /[a-z]/.test(token) && /[A-Z]/.test(token);
  return isMixed && bitsPerCharacter(token) > RANDOM_BITS;
}

function bitsPerCharacter(token: string): number {
  const counts = new Map<string, number>();
  for (const character of token) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / token.length) * Math.log2(count / token.length);
  return bits;
}
