import { createHmac } from 'node:crypto';

/**
 * The only form in which a phone number is kept: HMAC-SHA256 under `key`, first 16 hex digits. An unkeyed hash of a
 * number is reversed in minutes, because there are few numbers.
 * @param number E.164, for example `+33199000000`; anything that holds no digit (anonymous callers) gives null.
 */
export function hashCaller(number: string, key: string): string | null {
  const digits = number.replace(/[^+0-9]/g, '');
  if (!/[0-9]/.test(digits)) return null;
  return createHmac('sha256', key).update(digits).digest('hex').slice(0, 16);
}
