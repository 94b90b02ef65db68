import type { DatabaseSync } from 'node:sqlite';

/** Runs `work` with the write lock from its beginning: all of it is written, or, when it or the commit throws, nothing. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (cause) {
    // A full disk has ended it by itself.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw cause;
  }
}
