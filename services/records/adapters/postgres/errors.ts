import { RecordsError } from '../../domain/errors.ts';

// Classes 22 (data), 23 (constraint) and 42 (syntax, names) say that we sent something wrong: trying again will not help.
const OUR_MISTAKE = /^(22|23|42)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** `lock_not_available`: `lock_timeout` ran out while another transaction held the same key. */
const LOCK_NOT_AVAILABLE = '55P03';

/** True when a statement gave up because another transaction holds what it needs. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === LOCK_NOT_AVAILABLE;
}

/**
 * Whatever `pg` threw, in our words: `unavailable` when the server is unreachable, closing, full or too slow, else the error
 * itself (a fault of ours). Source: PostgreSQL documentation, appendix A, error codes.
 */
export function toStoreError(error: unknown): unknown {
  const state = sqlState(error);
  if (state !== undefined && OUR_MISTAKE.test(state)) return error;
  return new RecordsError('unavailable', 'The records database does not answer', { cause: error });
}

function sqlState(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && SQLSTATE.test(code) ? code : undefined;
}
