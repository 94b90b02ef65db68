import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CONTENT_INDEX, METRICS_SCHEMA, PRAGMAS, SCHEMA, SCHEMA_VERSION } from './sql.ts';
import { inTransaction } from './transaction.ts';

/** How long (milliseconds) a write may wait for another process; the wait blocks this one. */
export const BUSY_TIMEOUT_MS = 500;

/**
 * Opens (or makes) the store's file; folder and file are their owner's alone. Other processes may read it at the same time.
 * @throws Error when it cannot be used, or a newer version of Callspan has written it
 */
export function openDatabase(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  chmodSync(dirname(file), 0o700);
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    chmodSync(file, 0o600);
    database.exec(PRAGMAS);
    // The write lock first: of two processes that start at once, one makes the schema and the other finds it.
    inTransaction(database, () => makeSchema(database, file));
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

function makeSchema(database: DatabaseSync, file: string): void {
  const version = database.prepare('PRAGMA user_version').get()?.user_version;
  if (version === 0) database.exec(SCHEMA);
  else if (version === 1) database.exec(`${METRICS_SCHEMA} PRAGMA user_version = ${SCHEMA_VERSION};`);
  else if (version !== SCHEMA_VERSION) {
    throw new Error(
      `${file} has schema version ${version}; this Callspan knows ${SCHEMA_VERSION}: update it, or move the file away`,
    );
  }
  database.exec(CONTENT_INDEX);
}
