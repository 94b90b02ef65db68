/** Every SQL statement of the Postgres store. */

/** Version of {@link SCHEMA}, kept in `records_schema`. */
export const SCHEMA_VERSION = 1;

/** One instance at a time looks at and makes the schema; released with its transaction. The number is ours alone ('call' in ASCII). */
export const LOCK_SCHEMA = 'SELECT pg_advisory_xact_lock(1667329132)';

/** Where the version of the schema stands. */
export const CREATE_VERSION_TABLE = 'CREATE TABLE IF NOT EXISTS records_schema (version integer NOT NULL)';
/** No row: the schema has not been made yet. */
export const SELECT_VERSION = 'SELECT version FROM records_schema';

/** Makes an empty database into a records database. */
export const SCHEMA = `
CREATE TABLE records (
  id               uuid PRIMARY KEY,
  call_sid         text NOT NULL,
  trace_id         text,
  language         text NOT NULL,
  name             text,
  subject          text,
  wanted_date_time text, -- the business's own zone: text, so that no driver moves it into another
  wanted_words     text,
  place            text,
  callback_number  text,
  notes            text,
  fields           jsonb NOT NULL,
  created_at       timestamptz NOT NULL,
  idempotency_key  text NOT NULL UNIQUE,
  fingerprint      text NOT NULL
);
CREATE INDEX records_by_call ON records (call_sid, created_at DESC, id DESC);
INSERT INTO records_schema VALUES (${SCHEMA_VERSION});
`;

/** Claims the key and saves the record, or gives no row when the key is taken; waits (`lock_timeout`) for another's open transaction. */
export const INSERT_RECORD = `
INSERT INTO records (id, call_sid, trace_id, language, name, subject, wanted_date_time, wanted_words, place,
  callback_number, notes, fields, created_at, idempotency_key, fingerprint)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
ON CONFLICT (idempotency_key) DO NOTHING RETURNING *`;

/** The row that a key made. */
export const SELECT_BY_KEY = 'SELECT * FROM records WHERE idempotency_key = $1';
/** One row by id. */
export const SELECT_BY_ID = 'SELECT * FROM records WHERE id = $1';
/** Rows of a call, newest first. */
export const SELECT_BY_CALL = 'SELECT * FROM records WHERE call_sid = $1 ORDER BY created_at DESC, id DESC LIMIT $2';
/** Does the database answer, and is our table there? */
export const CHECK = 'SELECT 1 FROM records LIMIT 1';
