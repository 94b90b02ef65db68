/** Prefixes of Twilio's identifiers: account, call, media stream, and the queue-like `EI` of an idempotency token. */
export type SidPrefix = 'AC' | 'CA' | 'MZ';

/** An identifier as Twilio writes it: the prefix and 32 lower-case hexadecimal digits. `random` gives numbers in [0, 1). */
export function createSid(prefix: SidPrefix, random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  return `${prefix}${digits.join('')}`;
}

/** A random UUID (version 4), the form of `I-Twilio-Idempotency-Token`. */
export function createToken(random: () => number): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
  const variant = '89ab'[Math.floor(random() * 4)];
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}
