import { RecordsError } from './errors.ts';

const MAX_KEY_LENGTH = 255;
// RFC 8941 section 3.3.3: printable ASCII, quote and backslash escaped.
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
const UNQUOTED = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * Reads an Idempotency-Key header: a structured-field string (`"8e03978e-..."`, draft-ietf-httpapi-idempotency-key-header-07
 * section 2.1); the same key without quotes, as many clients send it, is the same key.
 * @throws RecordsError `idempotency_key_missing`, `idempotency_key_invalid` (1 to 255 characters are allowed).
 */
export function parseIdempotencyKey(header: string | undefined): string {
  const value = header?.trim() ?? '';
  if (value === '') throw new RecordsError('idempotency_key_missing', 'Send an Idempotency-Key header');
  const quoted = QUOTED.exec(value)?.[1]?.replace(/\\(["\\])/g, '$1');
  const key = quoted ?? (UNQUOTED.test(value) ? value : '');
  if (key === '' || key.length > MAX_KEY_LENGTH) {
    throw new RecordsError(
      'idempotency_key_invalid',
      `Idempotency-Key must be a quoted string of 1 to ${MAX_KEY_LENGTH} printable ASCII characters`,
    );
  }
  return key;
}
