import type { DatabaseSync } from 'node:sqlite';

/** Pages given back to the file system after each step: 4 MB. */
const VACUUM_PAGES = 1000;

/** Deletes what is old. */
export type Retention = {
  /** Deletes at most `limit` traces last heard of before `beforeMs`, and as old log records and minutes; returns the number of traces. */
  deleteOld(beforeMs: number, limit: number): number;
};

/** @param forget called when ids may have become invalid */
export function createRetention(database: DatabaseSync, forget: () => void): Retention {
  const oldest = database.prepare('SELECT trace FROM traces WHERE last_seen_ms < ? ORDER BY last_seen_ms LIMIT ?');
  const byTrace = ['spans', 'logs', 'traces'].map((table) => database.prepare(`DELETE FROM ${table} WHERE trace = ?`));
  const looseLogs = database.prepare('DELETE FROM logs WHERE trace = 0 AND time_us < ?');
  const minutes = database.prepare('DELETE FROM red WHERE minute < ?');
  const series = database.prepare('DELETE FROM red_series WHERE id NOT IN (SELECT series FROM red)');
  return {
    deleteOld(beforeMs, limit) {
      database.exec('BEGIN IMMEDIATE');
      let deleted = 0;
      try {
        for (const { trace } of oldest.all(beforeMs, limit)) {
          for (const statement of byTrace) statement.run(trace ?? null);
          deleted += 1;
        }
        looseLogs.run(beforeMs * 1000);
        if (minutes.run(Math.floor(beforeMs / 60_000)).changes !== 0) {
          series.run();
          forget();
        }
        database.exec('COMMIT');
      } catch (cause) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw cause;
      }
      database.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
      return deleted;
    },
  };
}
