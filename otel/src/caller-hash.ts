import { createHmac } from 'node:crypto';

/** What Twilio writes for callers without a number (keypad spellings of ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE). */
const NOBODY = new Set(['+266696687', '+7378742833', '+2562533', '+8656696', '+86282452253']);

/**
 * The only form in which a phone number is kept: HMAC-SHA256 under `key`, first 16 hex digits. An unkeyed hash of a
 * number is reversed in minutes, because there are few numbers.
 * @param number E.164, for example `+33199000000`, blanks allowed; anything else (anonymous callers, SIP names) gives null
 * @param key without one there is no hash: null
 */
export function hashCaller(number: string, key: string): string | null {
  // From plain JavaScript, and from a form that lacks it, anything may come, in the middle of a webhook.
  if (typeof number !== 'string' || typeof key !== 'string' || key === '') return null;
  const compact = number.replace(/[\s().-]/g, '');
  if (!/^\+[1-9]\d{6,14}$/.test(compact) || NOBODY.has(compact)) return null;
  return createHmac('sha256', key).update(compact).digest('hex').slice(0, 16);
}
