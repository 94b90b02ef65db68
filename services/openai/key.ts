import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether an Authorization header brings this key; the comparison takes the same time for every guess. */
export function isKey(authorization: string | undefined, apiKey: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${apiKey}`));
}
