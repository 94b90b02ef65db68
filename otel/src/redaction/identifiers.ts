import { isIPv6 } from 'node:net';
import { PLACEHOLDER } from './placeholders.ts';

/** The local part begins where its characters do, however many they are: one way to read a text, not one for each of them. */
const EMAIL =
  /(?<![\p{L}\p{N}._%+-]|[\p{L}\p{N}._%+-]')(?:[\p{L}\p{N}._%+-][\p{L}\p{N}._%+'-]*|"[^"\n@]{1,64}")@(?:[\p{L}\p{N}-]{1,63}\.){1,6}\p{L}{2,24}/gu;
const SIP = new RegExp(
  `\\bsips?:[^\\s@;>"']{1,128}@[^\\s;>"'&]{1,256}|\\bclient:(?!${PLACEHOLDER})[^\\s;>"'&,]{1,256}`,
  'gi',
);
/** What a client has become, not who it is. */
const CLIENT_STATE =
  /^client:(?:(?:dis)?connect(?:ed|ing|ion)?|errors?|close[ds]?|opene?d?|ready|start(?:ed)?|stop(?:ped)?|timeout|request|response|message)\W?$/i;
const BYTE = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
/** `Chrome/120.0.0.0` is a product's version; what stands behind a word of a path is an address. */
const PRODUCT = '(?<![/\\w])[A-Z]\\w{0,31}/';
const IPV4 = new RegExp(`(?<![\\d.\\w]|${PRODUCT})(?:${BYTE}\\.){3}${BYTE}(?!\\.?[\\w])`, 'g');
const IPV6 =
  /(?<=^|[^\w:.]|[g-z_-]\w{0,16}:)(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4})(?:%\w{1,16})?(?![\w:]|\.\w)/gi;
const BEFORE_VERSION = /(?:\blib(?!rar|ert|eral|re\b)[\w+.-]{2,24}|\bv|\bversions?)["']?\s?[:=/\s]\s?["']?$/i;
const AFTER_VERSION = /^-(?:alpha|beta|rc|pre|dev|next|snapshot|canary|nightly|hotfix|patch|build|rev)(?![a-z])/i;
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** Letters may stand before a card, but none that could be the beginning of a hexadecimal id. */
const BEFORE_CARD = '(?<![\\d.,-]|\\b[0-9a-f]{1,32})';
const BLANK = '[ \\u00a0\\u202f-]';
const CARD = new RegExp(
  `${BEFORE_CARD}(?!${UUID}(?![0-9a-f]))(?:[2-6]\\d{3}${BLANK}?\\d{4}${BLANK}?\\d{4}${BLANK}?\\d{1,7}|3[47]\\d{2}${BLANK}?\\d{6}${BLANK}?\\d{5})(?!\\w)`,
  'gi',
);
const IBAN = new RegExp(
  `(?<![A-Za-z0-9-])(?!${UUID}(?![0-9a-f]))(?:IBAN)?[A-Z]{2}\\d{2}(?:${BLANK}?[A-Z0-9]){11,30}(?![A-Za-z0-9])`,
  'gi',
);

/** Replaces e-mail and SIP addresses. */
export function replaceMailAddresses(text: string): string {
  return text
    .replace(SIP, (found) => (CLIENT_STATE.test(found) ? found : '<sip>'))
    .replace(EMAIL, (found, at: number, whole: string) => (isRepository(found, whole, at) ? found : '<email>'));
}

/** `git@github.com:owner/repo.git`: everybody's user there. */
function isRepository(found: string, text: string, at: number): boolean {
  return found.startsWith('git@') && /^:[\w.~-]{1,64}\//.test(text.slice(at + found.length, at + found.length + 66));
}

/**
 * Replaces IPv4 and IPv6 addresses; loopback and "any" are nobody's.
 * @param own addresses of the operator's machines, which stay
 */
export function replaceIpAddresses(text: string, own: ReadonlySet<string>): string {
  const withoutV6 = text.replace(IPV6, (found) => {
    const address = found.replace(/%\w+$/, '');
    const isNobodys = address === '::' || address === '::1' || own.has(address.toLowerCase());
    return isIPv6(address) && !isNobodys && !FINGERPRINT.test(address) ? '<ip>' : found;
  });
  return withoutV6.replace(IPV4, (found, at: number) => {
    if (/^127\.|^0\.0\.0\.0$/.test(found) || own.has(found)) return found;
    return isVersion(withoutV6, at, at + found.length) ? found : '<ip>';
  });
}

/** Eight bytes: no address that anybody was given has eight groups that short. */
const FINGERPRINT = /^(?:[0-9a-f]{1,2}:){7}[0-9a-f]{1,2}$/i;

function isVersion(text: string, start: number, end: number): boolean {
  return (
    BEFORE_VERSION.test(text.slice(Math.max(0, start - 40), start)) || AFTER_VERSION.test(text.slice(end, end + 12))
  );
}

/** Replaces card numbers (Luhn) and IBANs (ISO 13616, remainder 97). */
export function replaceAccounts(text: string): string {
  return text
    .replace(IBAN, (found) => (isIban(found.replace(/^IBAN/i, '')) ? '<iban>' : found))
    .replace(CARD, (found) => (isCard(found) ? '<card>' : found));
}

function isCard(written: string): boolean {
  const digits = written.replace(/\D/g, '');
  if (digits.length < 13 || digits.length > 19) return false;
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = place % 2 === 0 ? Number(digit) : Number(digit) * 2;
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** Hexadecimal ids in lower case have its form, too; Belgian IBANs are as long as one of them. */
const HEX_ID = /^(?=[0-9a-f]{2}.*[a-f])(?:[0-9a-f]{16}|[0-9a-f]{32})$/;

/** Words in capitals may follow, so shorter beginnings count, too, when they end where a group ends. */
function isIban(written: string): boolean {
  if (HEX_ID.test(written)) return false;
  const groups = written.toUpperCase().split(/[\s-]/);
  for (let count = groups.length; count > 0; count -= 1) {
    const compact = groups.slice(0, count).join('');
    if (compact.length >= 15 && compact.length <= 34 && remainderOf(compact) === 1) return true;
  }
  return false;
}

/** ISO 7064, MOD 97-10. */
function remainderOf(iban: string): number {
  let remainder = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}
