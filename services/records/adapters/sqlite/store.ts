import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { RecordsError } from '../../domain/errors.ts';
import type { RecordStore, RecordToSave, SaveOutcome } from '../../domain/ports.ts';
import { type CallRecord, recordSchema } from '../../domain/record.ts';
import { toStoreError } from './errors.ts';
import {
  CHECK,
  INSERT_RECORD,
  PRAGMAS,
  SCHEMA,
  SCHEMA_VERSION,
  SELECT_BY_CALL,
  SELECT_BY_ID,
  SELECT_BY_KEY,
} from './sql.ts';

type Row = Record<string, SQLOutputValue>;
type Statements = Readonly<Record<'insert' | 'byKey' | 'byId' | 'byCall' | 'check', StatementSync>>;

/** Where the file is, and how long (milliseconds) a call may wait for another process's write lock; the wait blocks this process. */
export type SqliteOptions = { readonly file: string; readonly busyTimeoutMs?: number };

/**
 * Opens (or makes) the records database: folder for its owner only, file too. Nothing else may open it for writing for long.
 * @throws Error when the folder or file cannot be used, or a newer version of Callspan has written it.
 */
export function createSqliteStore({ file, busyTimeoutMs = 500 }: SqliteOptions): RecordStore {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  chmodSync(dirname(file), 0o700);
  const database = openDatabase(file, busyTimeoutMs);
  const inode = statSync(file).ino;
  const statements: Statements = {
    insert: database.prepare(INSERT_RECORD),
    byKey: database.prepare(SELECT_BY_KEY),
    byId: database.prepare(SELECT_BY_ID),
    byCall: database.prepare(SELECT_BY_CALL),
    check: database.prepare(CHECK),
  };
  // In WAL mode SQLite goes on writing into a file that somebody has deleted, and says that all is well.
  const inPlace = <T>(run: () => T): T => {
    if (statSync(file, { throwIfNoEntry: false })?.ino !== inode) {
      throw new RecordsError('unavailable', 'The records database file was moved or deleted');
    }
    return run();
  };
  return {
    saveRecord: async (toSave) => guarded(() => inPlace(() => save(statements, toSave))),
    findRecord: async (id) => guarded(() => toRecord(statements.byId.get(id))),
    listRecords: async (callSid, limit) =>
      guarded(() => statements.byCall.all(callSid, limit).map((row) => parseRow(row))),
    checkReady: async () => guarded(() => inPlace(() => void statements.check.get())),
    close: async () => {
      if (database.isOpen) database.close();
    },
  };
}

function openDatabase(file: string, busyTimeoutMs: number): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyTimeoutMs });
  try {
    chmodSync(file, 0o600);
    database.exec(PRAGMAS);
    // The write lock first: of two processes that start at once, one makes the schema and the other finds it.
    database.exec('BEGIN IMMEDIATE');
    const version = database.prepare('PRAGMA user_version').get()?.user_version;
    if (version === 0) database.exec(SCHEMA);
    else if (version !== SCHEMA_VERSION) {
      throw new Error(`${file} has schema version ${version}; this Callspan knows ${SCHEMA_VERSION}`);
    }
    database.exec('COMMIT');
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

function save(statements: Statements, { record, idempotencyKey, fingerprint }: RecordToSave): SaveOutcome {
  const { wanted, fields, ...columns } = record;
  const made = statements.insert.get({
    ...columns,
    wantedDateTime: wanted?.dateTime ?? null,
    wantedWords: wanted?.words ?? null,
    fields: JSON.stringify(fields),
    idempotencyKey,
    fingerprint,
  });
  if (made) return { kind: 'created', record: parseRow(made) };
  const earlier = statements.byKey.get(idempotencyKey);
  if (!earlier) return { kind: 'running' };
  return earlier.fingerprint === fingerprint ? { kind: 'replayed', record: parseRow(earlier) } : { kind: 'reused' };
}

const toRecord = (row: Row | undefined) => (row ? parseRow(row) : undefined);

function parseRow(row: Row): CallRecord {
  return recordSchema.parse({
    id: row.id,
    callSid: row.call_sid,
    traceId: row.trace_id,
    language: row.language,
    name: row.name,
    subject: row.subject,
    wanted: row.wanted_words === null ? null : { dateTime: row.wanted_date_time, words: row.wanted_words },
    place: row.place,
    callbackNumber: row.callback_number,
    notes: row.notes,
    fields: JSON.parse(String(row.fields)),
    createdAt: row.created_at,
  });
}

function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw toStoreError(cause);
  }
}
