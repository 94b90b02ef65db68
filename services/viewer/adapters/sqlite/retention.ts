import type { DatabaseSync } from 'node:sqlite';
import { BUSY_TIMEOUT_MS } from './open.ts';
import { IS_CONTENT } from './sql.ts';
import { inTransaction } from './transaction.ts';

/** Pages given back to the file system after each step: 4 MB. */
const VACUUM_PAGES = 1000;
/** Log records of no trace that are deleted for each trace that may be: some milliseconds in a step. */
const LOOSE_PER_TRACE = 40;
/** Points of metrics that are deleted for each trace that may be. */
const POINTS_PER_TRACE = 40;

/** Deletes what is old. */
export type Retention = {
  /** Deletes at most `limit` traces last heard of before `beforeMs`, and as old log records (of no trace: in steps too),
   * points of metrics (in steps) and minutes. Returns the number of traces; `limit` also when more of the others are left. */
  deleteOld(beforeMs: number, limit: number): number;
  /** Deletes at most `limit` content records from before `beforeMs`, by their own time. Returns their number. */
  deleteOldContent(beforeMs: number, limit: number): number;
};

/** @param forget called when ids may have become invalid */
export function createRetention(database: DatabaseSync, forget: () => void): Retention {
  const oldest = database.prepare('SELECT trace FROM traces WHERE last_seen_ms < ? ORDER BY last_seen_ms LIMIT ?');
  const byTrace = ['spans', 'logs', 'traces'].map((table) => database.prepare(`DELETE FROM ${table} WHERE trace = ?`));
  const looseLogs = database.prepare(
    'DELETE FROM logs WHERE id IN (SELECT id FROM logs WHERE trace = 0 AND time_us < ? ORDER BY time_us LIMIT ?)',
  );
  const content = database.prepare(
    `DELETE FROM logs WHERE id IN (SELECT id FROM logs WHERE ${IS_CONTENT} AND time_us < ? ORDER BY time_us LIMIT ?)`,
  );
  const points = database.prepare(
    `DELETE FROM metric_points WHERE (series, time_us) IN
      (SELECT series, time_us FROM metric_points WHERE time_us < ? ORDER BY time_us LIMIT ?)`,
  );
  const emptySeries = database.prepare(
    'DELETE FROM metric_series WHERE NOT EXISTS (SELECT 1 FROM metric_points p WHERE p.series = metric_series.id)',
  );
  const minutes = database.prepare('DELETE FROM red WHERE minute < ?');
  const emptyLog = createLogEmptier(database);
  const series = database.prepare('DELETE FROM red_series WHERE id NOT IN (SELECT series FROM red)');
  return {
    deleteOld(beforeMs, limit) {
      const [looseLimit, pointLimit] = [limit * LOOSE_PER_TRACE, limit * POINTS_PER_TRACE];
      let [deleted, loose, oldPoints] = [0, 0, 0];
      inTransaction(database, () => {
        for (const { trace } of oldest.all(beforeMs, limit)) {
          for (const statement of byTrace) statement.run(trace ?? null);
          deleted += 1;
        }
        loose = Number(looseLogs.run(beforeMs * 1000, looseLimit).changes);
        oldPoints = Number(points.run(beforeMs * 1000, pointLimit).changes);
        if (oldPoints > 0 && oldPoints < pointLimit && emptySeries.run().changes !== 0) forget();
        if (minutes.run(Math.floor(beforeMs / 60_000)).changes !== 0) {
          series.run();
          forget();
        }
      });
      database.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
      const isMoreLeft = loose === looseLimit || oldPoints === pointLimit || deleted === limit;
      if (!isMoreLeft) emptyLog();
      return isMoreLeft ? limit : deleted;
    },
    deleteOldContent: (beforeMs, limit) => Number(content.run(beforeMs * 1000, limit).changes),
  };
}

/** The write-ahead log holds pages as they were before a deletion until it is emptied: after each round that may have deleted something. */
function createLogEmptier(database: DatabaseSync): () => void {
  const count = database.prepare('SELECT total_changes() AS count');
  let emptiedAt = 0;
  return () => {
    const changes = Number(count.get()?.count);
    if (changes === emptiedAt) return;
    // Nobody waits for somebody else who reads the file just now: the next round tries again.
    database.exec('PRAGMA busy_timeout = 0');
    const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {};
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    if (busy === 0) emptiedAt = changes;
  };
}
