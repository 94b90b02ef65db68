import { RecordsError } from '../../domain/errors.ts';

// Primary result codes ERROR, CONSTRAINT, MISMATCH, MISUSE, RANGE: we asked for something wrong, asking again will not help.
const OUR_MISTAKE: readonly unknown[] = [1, 19, 20, 21, 25];

/**
 * Whatever `node:sqlite` threw, in our words: `unavailable` when the database is busy, locked, full, unreadable or closed, else
 * the error itself (a fault of ours). Source: https://sqlite.org/rescode.html
 */
export function toStoreError(error: unknown): unknown {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  if (code !== 'ERR_SQLITE_ERROR' && code !== 'ERR_INVALID_STATE') return error;
  // The low byte is the primary code.
  if (typeof errcode === 'number' && OUR_MISTAKE.includes(errcode & 0xff)) return error;
  return new RecordsError('unavailable', 'The records database does not answer', { cause: error });
}
