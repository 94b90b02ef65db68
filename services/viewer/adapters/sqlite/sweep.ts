import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { Used } from './dictionary.ts';
import { inTransaction } from './transaction.ts';

type Row = Record<string, SQLOutputValue>;
/** A part of a round: looks at up to so many rows further; false when there are no more. */
type Part = (limit: number) => boolean;

const DICTIONARIES = ['names', 'resources', 'scopes'] as const;

/** What a sweep needs of the writer: it tells what it uses from now on, and forgets the ids that it knows. */
export type SweptWriter = { watch(used: Used | null): void; forget(): void };

/**
 * Deletes names, resources and scopes that nothing refers to any more. A round reads all references, a part at a time, while the
 * writer tells what it refers to meanwhile; then it deletes what was there at its beginning and is in neither.
 * @returns the next part of the round, of at most `limit` rows; false when the round is over, or nothing has changed since the last
 */
export function createSweep(database: DatabaseSync, writer: SweptWriter): Part {
  const changes = database.prepare('SELECT total_changes() AS count');
  const countChanges = () => Number(changes.get()?.count);
  let parts: Part[] = [];
  let sweptAt: number | undefined;
  return (limit) => {
    if (parts.length === 0) {
      if (countChanges() === sweptAt) return false;
      const used: Used = { names: new Set(), resources: new Set(), scopes: new Set() };
      parts = [...createReaders(database, used), ...createDeleters(database, { used, forget: writer.forget })];
      writer.watch(used);
    }
    if (!parts[0]?.(limit)) parts.shift();
    if (parts.length > 0) return true;
    writer.watch(null);
    sweptAt = countChanges();
    return false;
  };
}

function createReaders(database: DatabaseSync, used: Used): Part[] {
  const read = (sql: string, first: readonly SQLInputValue[], keyOf: (row: Row) => SQLInputValue[]): Part => {
    const statement = database.prepare(sql);
    let at = first;
    return (limit) => {
      const rows = statement.all(...at, limit);
      for (const row of rows) {
        if (typeof row.name === 'number') used.names.add(row.name);
        used.resources.add(Number(row.resource));
        used.scopes.add(Number(row.scope));
      }
      const last = rows.at(-1);
      if (last) at = keyOf(last);
      return rows.length === limit;
    };
  };
  const spans = `SELECT trace, span_id, name, resource, scope FROM spans
    WHERE (trace, span_id) > (?, ?) ORDER BY trace, span_id LIMIT ?`;
  const others = ['logs', 'metric_series'].map((table) =>
    read(`SELECT id, resource, scope FROM ${table} WHERE id > ? ORDER BY id LIMIT ?`, [0], (row) => [row.id ?? null]),
  );
  return [read(spans, [0, new Uint8Array()], (row) => [row.trace ?? null, row.span_id ?? null]), ...others];
}

function createDeleters(database: DatabaseSync, { used, forget }: { used: Used; forget: () => void }): Part[] {
  return DICTIONARIES.map((table) => {
    const find = database.prepare(`SELECT id FROM ${table} WHERE id > ? AND id <= ? ORDER BY id LIMIT ?`);
    const remove = database.prepare(`DELETE FROM ${table} WHERE id = ?`);
    // What came since is in use, and may not have been written when it was told.
    const lastId = Number(database.prepare(`SELECT max(id) AS id FROM ${table}`).get()?.id ?? 0);
    let at = 0;
    return (limit) => {
      const ids = find.all(at, lastId, limit).map(({ id }) => Number(id));
      const unused = ids.filter((id) => !used[table].has(id));
      if (unused.length > 0) inTransaction(database, () => unused.forEach((id) => void remove.run(id)));
      // SQLite gives the number of a deleted row again: no id may outlive its row.
      if (unused.length > 0) forget();
      at = ids.at(-1) ?? at;
      return ids.length === limit;
    };
  });
}
