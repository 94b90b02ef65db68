import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const TRY_FOR_MS = 1000;

/**
 * Waits until no other process builds in `folder`. The lock is the one of a SQLite file: the system frees it when its
 * holder dies, so that none is ever left behind.
 * @param onWaiting told once when somebody else holds it
 * @returns frees the lock
 */
export function lockFolder(folder: string, onWaiting: () => void): () => void {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, 'lock.db'), { timeout: TRY_FOR_MS });
  for (let attempt = 0; ; attempt += 1) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return () => database.close();
    } catch (error) {
      if (!/locked/.test(String(error))) throw error;
      if (attempt === 0) onWaiting();
    }
  }
}
