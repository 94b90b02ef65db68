import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A record on its way. Times are epoch milliseconds. */
export type OutboxRow = {
  /** `<call>:<version>`. */
  readonly id: string;
  readonly body: string;
  readonly traceparent: string | null;
  readonly attempts: number;
  readonly createdAtMs: number;
};

/** What waits. `oldestCreatedAtMs`: null when nothing does. */
export type OutboxCounts = {
  readonly pending: number;
  readonly oldestCreatedAtMs: number | null;
  readonly dead: number;
};

/** The table of records on their way: written before the bot says that something is noted, emptied by delivery. */
export type OutboxStore = {
  /** Durable when it returns. The same id twice keeps the first. */
  add(row: {
    readonly id: string;
    readonly body: string;
    readonly traceparent: string | null;
    readonly createdAtMs: number;
  }): void;
  /**
   * Rows whose time has come, those that were tried least first, then the oldest: a call that goes on does not wait for
   * what an outage left. Each is leased until `leaseUntilMs` so that it is not tried twice at once. A later version of a
   * call's record is held back while an earlier one waits: the one that arrives last is the newest to everybody.
   */
  lease(nowMs: number, leaseUntilMs: number, limit: number): OutboxRow[];
  /** Delivered: the payload is erased with its row, in file and log. */
  remove(id: string): void;
  /** Tried in vain: again at `nextAtMs`. */
  postpone(id: string, nextAtMs: number, error: string): void;
  /** Refused for good: kept for people to look at, never sent again. */
  bury(id: string, error: string): void;
  count(): OutboxCounts;
  close(): void;
};

/** FULL: a power loss must not take what the caller was told is noted. secure_delete: what is erased is overwritten. */
const SETUP = `
  PRAGMA secure_delete = ON;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS outbox (
    id TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    traceparent TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    dead INTEGER NOT NULL DEFAULT 0,
    last_error TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS outbox_due ON outbox (dead, next_at);
`;

/** The log has what was written to a page before it was overwritten. */
const EMPTY_LOG = 'PRAGMA wal_checkpoint(TRUNCATE)';

/** `;` follows `:` : the range is all versions of one call, found by the primary key. */
const SELECT_DUE = `
  SELECT id, body, traceparent, attempts, created_at FROM outbox AS due
  WHERE dead = 0 AND next_at <= ? AND NOT EXISTS (
    SELECT 1 FROM outbox AS earlier
    WHERE earlier.id >= substr(due.id, 1, instr(due.id, ':')) AND earlier.id < substr(due.id, 1, instr(due.id, ':') - 1) || ';'
      AND earlier.dead = 0
      AND CAST(substr(earlier.id, instr(earlier.id, ':') + 1) AS INTEGER) < CAST(substr(due.id, instr(due.id, ':') + 1) AS INTEGER)
  )
  ORDER BY attempts, created_at LIMIT ?`;

/** Opens (and makes) the store in an owner-only folder, its files for the owner only in any. Blocks: for worker threads only. */
export function openOutboxStore(file: string): OutboxStore {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(file);
  // SQLite makes the other two with the mode of the first.
  for (const part of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(part)) chmodSync(part, 0o600);
  db.exec(SETUP);
  // What a process that was killed had delivered.
  db.exec(EMPTY_LOG);
  const insert = db.prepare(
    'INSERT OR IGNORE INTO outbox (id, body, traceparent, created_at, next_at) VALUES (?, ?, ?, ?, ?)',
  );
  const due = db.prepare(SELECT_DUE);
  const hold = db.prepare('UPDATE outbox SET next_at = ?, attempts = attempts + 1 WHERE id = ?');
  const remove = db.prepare('DELETE FROM outbox WHERE id = ?');
  const postpone = db.prepare('UPDATE outbox SET next_at = ?, last_error = ? WHERE id = ?');
  const bury = db.prepare('UPDATE outbox SET dead = 1, last_error = ? WHERE id = ?');
  const waiting = db.prepare('SELECT count(*) AS pending, min(created_at) AS oldest FROM outbox WHERE dead = 0');
  const dead = db.prepare('SELECT count(*) AS dead FROM outbox WHERE dead = 1');
  return {
    add: ({ id, body, traceparent, createdAtMs }) => void insert.run(id, body, traceparent, createdAtMs, createdAtMs),
    lease(nowMs, leaseUntilMs, limit) {
      const rows = due.all(nowMs, limit) as {
        id: string;
        body: string;
        traceparent: string | null;
        attempts: number;
        created_at: number;
      }[];
      for (const row of rows) hold.run(leaseUntilMs, row.id);
      return rows.map(({ created_at, attempts, ...row }) => ({
        ...row,
        attempts: attempts + 1,
        createdAtMs: created_at,
      }));
    },
    remove(id) {
      remove.run(id);
      db.exec(EMPTY_LOG);
    },
    postpone: (id, nextAtMs, error) => void postpone.run(nextAtMs, error, id),
    bury: (id, error) => void bury.run(error, id),
    count() {
      const { pending, oldest } = waiting.get() as { pending: number; oldest: number | null };
      return { pending, oldestCreatedAtMs: oldest, dead: Number(dead.get()?.dead) };
    },
    close: () => db.close(),
  };
}
