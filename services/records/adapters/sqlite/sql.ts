/** Every SQL statement of the SQLite store. Times are ISO 8601 UTC text, `fields` is JSON text. */

/** Version of {@link SCHEMA}, kept in `PRAGMA user_version`. */
export const SCHEMA_VERSION = 1;

/** Makes an empty file into a records database. */
export const SCHEMA = `
CREATE TABLE records (
  id               TEXT PRIMARY KEY,
  call_sid         TEXT NOT NULL,
  trace_id         TEXT,
  language         TEXT NOT NULL,
  name             TEXT,
  subject          TEXT,
  wanted_date_time TEXT,
  wanted_words     TEXT,
  place            TEXT,
  callback_number  TEXT,
  notes            TEXT,
  fields           TEXT NOT NULL,
  created_at       TEXT NOT NULL,
  idempotency_key  TEXT NOT NULL UNIQUE,
  fingerprint      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX records_by_call ON records (call_sid, created_at DESC, id DESC);
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** WAL: readers never wait for the writer. FULL: an acknowledged record survives a power cut. */
export const PRAGMAS = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;';

/** Claims the key and saves the record, or gives no row when the key is taken. */
export const INSERT_RECORD = `
INSERT INTO records (id, call_sid, trace_id, language, name, subject, wanted_date_time, wanted_words, place,
  callback_number, notes, fields, created_at, idempotency_key, fingerprint)
VALUES (:id, :callSid, :traceId, :language, :name, :subject, :wantedDateTime, :wantedWords, :place,
  :callbackNumber, :notes, :fields, :createdAt, :idempotencyKey, :fingerprint)
ON CONFLICT (idempotency_key) DO NOTHING RETURNING *`;

/** The row that a key made. */
export const SELECT_BY_KEY = 'SELECT * FROM records WHERE idempotency_key = ?';
/** One row by id. */
export const SELECT_BY_ID = 'SELECT * FROM records WHERE id = ?';
/** Rows of a call, newest first. */
export const SELECT_BY_CALL = 'SELECT * FROM records WHERE call_sid = ? ORDER BY created_at DESC, id DESC LIMIT ?';
/** Does the database answer, and is our table there? */
export const CHECK = 'SELECT 1 FROM records LIMIT 1';
