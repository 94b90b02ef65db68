import type { DatabaseSync } from 'node:sqlite';

/** Pages given back to the file system after each step: 4 MB. */
const VACUUM_PAGES = 1000;
/** Log records of no trace that are deleted for each trace that may be: some milliseconds in a step. */
const LOOSE_PER_TRACE = 40;

/** Deletes what is old. */
export type Retention = {
  /** Deletes at most `limit` traces last heard of before `beforeMs`, and as old log records (of no trace: in steps too) and
   * minutes. Returns the number of traces; `limit` also when more of the loose records are left. */
  deleteOld(beforeMs: number, limit: number): number;
};

/** @param forget called when ids may have become invalid */
export function createRetention(database: DatabaseSync, forget: () => void): Retention {
  const oldest = database.prepare('SELECT trace FROM traces WHERE last_seen_ms < ? ORDER BY last_seen_ms LIMIT ?');
  const byTrace = ['spans', 'logs', 'traces'].map((table) => database.prepare(`DELETE FROM ${table} WHERE trace = ?`));
  const looseLogs = database.prepare(
    'DELETE FROM logs WHERE id IN (SELECT id FROM logs WHERE trace = 0 AND time_us < ? ORDER BY time_us LIMIT ?)',
  );
  const minutes = database.prepare('DELETE FROM red WHERE minute < ?');
  const series = database.prepare('DELETE FROM red_series WHERE id NOT IN (SELECT series FROM red)');
  return {
    deleteOld(beforeMs, limit) {
      database.exec('BEGIN IMMEDIATE');
      const looseLimit = limit * LOOSE_PER_TRACE;
      let [deleted, loose] = [0, 0];
      try {
        for (const { trace } of oldest.all(beforeMs, limit)) {
          for (const statement of byTrace) statement.run(trace ?? null);
          deleted += 1;
        }
        loose = Number(looseLogs.run(beforeMs * 1000, looseLimit).changes);
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
      return loose === looseLimit ? limit : deleted;
    },
  };
}
