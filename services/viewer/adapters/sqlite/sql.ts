import { CONTENT_EVENTS } from 'callspan/conventions';

/** Raised when the layout changes; a file written by a newer one is refused. */
export const SCHEMA_VERSION = 2;

/** Whether a log record holds what people said. As the partial index has it: SQLite finds the index by these very words. */
export const IS_CONTENT = `event_name IN (${CONTENT_EVENTS.map((name) => `'${name}'`).join(', ')})`;

/** Made at each start where it is not there yet: an older Callspan reads a file that has it. */
export const CONTENT_INDEX = `CREATE INDEX IF NOT EXISTS logs_of_content ON logs (time_us) WHERE ${IS_CONTENT};`;

/**
 * auto_vacuum comes first: it only takes effect before the first table is made. synchronous is FULL because a sender forgets what was
 * answered for: with NORMAL a cut of the power takes the commits since the last checkpoint; small batches pay more for it.
 * secure_delete overwrites what is deleted, in free pages too: erased is what nobody can read again.
 */
export const PRAGMAS = `
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA secure_delete = ON;
PRAGMA foreign_keys = OFF;
PRAGMA cache_size = -16000;
PRAGMA journal_size_limit = 67108864;
PRAGMA temp_store = MEMORY;
`;

/**
 * Metrics, since version 2. A series is a metric's name, labels, sender and buckets; `metric_points` lies together by series,
 * at most one point a moment. `value` is the sum of a histogram, `counts` its buckets as a JSON list. A point that says
 * what the one before said is written every four minutes only (see write-metrics.ts), so that an idle set costs little:
 * readers take the last point of the five minutes before an instant, as Prometheus does.
 */
export const METRICS_SCHEMA = `
CREATE TABLE metric_series (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, unit TEXT NOT NULL, kind TEXT NOT NULL, monotonic INTEGER NOT NULL,
  attributes TEXT NOT NULL, resource INTEGER NOT NULL, scope INTEGER NOT NULL, bounds TEXT NOT NULL,
  UNIQUE (name, attributes, resource, scope, unit, kind, monotonic, bounds)
);
CREATE TABLE metric_points (
  series INTEGER NOT NULL, time_us INTEGER NOT NULL, start_us INTEGER NOT NULL, value REAL, count INTEGER, counts TEXT,
  PRIMARY KEY (series, time_us)
) WITHOUT ROWID;
CREATE INDEX metric_points_by_time ON metric_points (time_us);
`;

/**
 * `traces` is the summary row of each trace, and of its call where it has one (`facts`: JSON, see CallFacts), so that lists scan
 * nothing. Spans lie together by trace; `logs.id` keeps the order of arrival within one moment. `dur_ns` NULL: announced, not ended. `red` holds the histogram of durations.
 */
export const SCHEMA = `
CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE resources (id INTEGER PRIMARY KEY, attributes TEXT NOT NULL UNIQUE, service TEXT NOT NULL);
CREATE TABLE scopes (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, version TEXT NOT NULL, attributes TEXT NOT NULL,
  UNIQUE (name, version, attributes)
);
CREATE TABLE traces (
  trace INTEGER PRIMARY KEY, trace_id BLOB NOT NULL UNIQUE, last_seen_ms INTEGER NOT NULL,
  start_ns INTEGER, end_ns INTEGER, root_service TEXT, root_name TEXT,
  call_sid TEXT, mixed INTEGER NOT NULL DEFAULT 0, has_call INTEGER NOT NULL DEFAULT 0, shown INTEGER NOT NULL DEFAULT 0,
  state TEXT, started_us INTEGER, facts TEXT
);
CREATE INDEX traces_by_start ON traces (start_ns) WHERE start_ns IS NOT NULL;
CREATE INDEX traces_by_last_seen ON traces (last_seen_ms);
CREATE INDEX calls_by_start ON traces (started_us) WHERE shown = 1;
CREATE INDEX calls_by_sid ON traces (call_sid) WHERE call_sid IS NOT NULL;
CREATE INDEX calls_going_on ON traces (last_seen_ms) WHERE shown = 1 AND state = 'live';
CREATE TABLE spans (
  trace INTEGER NOT NULL, span_id BLOB NOT NULL, parent_id BLOB, name INTEGER NOT NULL, kind INTEGER NOT NULL,
  resource INTEGER NOT NULL, scope INTEGER NOT NULL, start_us INTEGER NOT NULL, start_ns_rem INTEGER NOT NULL, dur_ns INTEGER,
  status INTEGER NOT NULL, status_message TEXT NOT NULL, trace_state TEXT NOT NULL, attributes TEXT NOT NULL,
  events TEXT, links TEXT,
  PRIMARY KEY (trace, span_id)
) WITHOUT ROWID;
CREATE TABLE logs (
  id INTEGER PRIMARY KEY, trace INTEGER NOT NULL, time_us INTEGER NOT NULL, time_ns_rem INTEGER NOT NULL, digest BLOB NOT NULL, span_id BLOB,
  severity INTEGER NOT NULL, severity_text TEXT NOT NULL, body TEXT NOT NULL, event_name TEXT NOT NULL,
  resource INTEGER NOT NULL, scope INTEGER NOT NULL, attributes TEXT NOT NULL,
  UNIQUE (trace, time_us, time_ns_rem, digest)
);
CREATE INDEX logs_by_time ON logs (time_us);
CREATE TABLE red_series (
  id INTEGER PRIMARY KEY, service TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL,
  status INTEGER NOT NULL, stage TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, error_type TEXT NOT NULL,
  canary TEXT NOT NULL, bounds_ms TEXT NOT NULL,
  UNIQUE (service, namespace, name, kind, status, stage, provider, model, error_type, canary, bounds_ms)
);
CREATE TABLE red (
  series INTEGER NOT NULL, minute INTEGER NOT NULL, counts BLOB NOT NULL, count INTEGER NOT NULL, sum_ms REAL NOT NULL,
  PRIMARY KEY (series, minute)
) WITHOUT ROWID;
CREATE INDEX red_by_minute ON red (minute);
${METRICS_SCHEMA}PRAGMA user_version = ${SCHEMA_VERSION};
`;
