import pg from 'pg';
import type { RecordStore, RecordToSave, SaveOutcome } from '../../domain/ports.ts';
import { type CallRecord, recordSchema } from '../../domain/record.ts';
import { isLockTimeout, toStoreError } from './errors.ts';
import {
  CHECK,
  CREATE_VERSION_TABLE,
  INSERT_RECORD,
  LOCK_SCHEMA,
  SCHEMA,
  SCHEMA_VERSION,
  SELECT_BY_CALL,
  SELECT_BY_ID,
  SELECT_BY_KEY,
  SELECT_VERSION,
} from './sql.ts';

type Row = Readonly<Record<string, unknown>>;

/** Where the database is, and how long (milliseconds) to wait for a connection, for a statement, and for another transaction's lock. */
export type PostgresOptions = {
  readonly url: string;
  readonly connectTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  readonly lockTimeoutMs?: number;
  /** Told of connections that broke while idle; the pool replaces them. */
  readonly onIdleError?: (error: Error) => void;
};

/**
 * Connects and makes the schema where it is missing; several instances may start at once.
 * @throws RecordsError `unavailable` when the server does not answer; Error when a newer Callspan has made the schema.
 */
export async function createPostgresStore(options: PostgresOptions): Promise<RecordStore> {
  const statementTimeoutMs = options.statementTimeoutMs ?? 5000;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 3000,
    statement_timeout: statementTimeoutMs,
    // For a server that cannot even say that the statement took too long.
    query_timeout: statementTimeoutMs + 500,
    lock_timeout: options.lockTimeoutMs ?? 1000,
    application_name: 'callspan-records',
  });
  // Without a listener an idle connection that breaks would end the process.
  pool.on('error', (error) => options.onIdleError?.(error));
  const version = await migrate(pool).catch(async (cause: unknown) => {
    await pool.end();
    throw toStoreError(cause);
  });
  if (version !== SCHEMA_VERSION) {
    await pool.end();
    throw new Error(`The database has records schema version ${version}; this Callspan knows ${SCHEMA_VERSION}`);
  }
  return createStore(pool);
}

function createStore(pool: pg.Pool): RecordStore {
  const query = async (text: string, values: readonly unknown[] = []): Promise<readonly Row[]> => {
    try {
      return (await pool.query<Row>(text, [...values])).rows;
    } catch (cause) {
      throw isLockTimeout(cause) ? cause : toStoreError(cause);
    }
  };
  return {
    async saveRecord(toSave) {
      try {
        return await save(query, toSave);
      } catch (cause) {
        if (isLockTimeout(cause)) return { kind: 'running' };
        throw cause;
      }
    },
    async findRecord(id) {
      const [row] = await query(SELECT_BY_ID, [id]);
      return row && parseRow(row);
    },
    async listRecords(callSid, limit) {
      return (await query(SELECT_BY_CALL, [callSid, limit])).map(parseRow);
    },
    async checkReady() {
      await query(CHECK);
    },
    async close() {
      if (!pool.ended) await pool.end();
    },
  };
}

type Query = (text: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

async function save(query: Query, { record, idempotencyKey, fingerprint }: RecordToSave): Promise<SaveOutcome> {
  const [made] = await query(INSERT_RECORD, [
    record.id,
    record.callSid,
    record.traceId,
    record.language,
    record.name,
    record.subject,
    record.wanted?.dateTime ?? null,
    record.wanted?.words ?? null,
    record.place,
    record.callbackNumber,
    record.notes,
    record.fields,
    record.createdAt,
    idempotencyKey,
    fingerprint,
  ]);
  if (made) return { kind: 'created', record: parseRow(made) };
  const [earlier] = await query(SELECT_BY_KEY, [idempotencyKey]);
  // The row that stood in the way is gone again: its owner must ask once more.
  if (!earlier) return { kind: 'running' };
  return earlier.fingerprint === fingerprint ? { kind: 'replayed', record: parseRow(earlier) } : { kind: 'reused' };
}

async function migrate(pool: pg.Pool): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query(LOCK_SCHEMA);
    await client.query(CREATE_VERSION_TABLE);
    const found = (await client.query<{ version: number }>(SELECT_VERSION)).rows[0]?.version;
    if (found === undefined) await client.query(SCHEMA);
    await client.query('COMMIT');
    client.release();
    return found ?? SCHEMA_VERSION;
  } catch (cause) {
    client.release(true);
    throw cause;
  }
}

function parseRow(row: Row): CallRecord {
  const createdAt = row.created_at;
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
    fields: row.fields,
    createdAt: createdAt instanceof Date ? createdAt.toISOString() : createdAt,
  });
}
