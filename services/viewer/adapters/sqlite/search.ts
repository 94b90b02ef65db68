import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { Attr } from 'callspan/conventions';
import type { TraceSearch } from '../../domain/ports.ts';
import type { TypedAttributes } from '../../domain/telemetry.ts';
import {
  type Comparison,
  type Field,
  type FoundSpan,
  type FoundTrace,
  type FoundValue,
  listComparisons,
  type TraceQuery,
} from '../../domain/trace-query.ts';
import { createLinearPattern } from '../../linear-pattern.ts';
import { parseAttributes, parseEvents } from './attribute-json.ts';
import { toNanoseconds } from './read-rows.ts';
import { formatComparison, formatMembers, formatSpansets } from './search-sql.ts';

type Row = Record<string, SQLOutputValue>;

const STATUS_WORDS = ['unset', 'ok', 'error'];
const KIND_WORDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

/** Gives the database the function that `=~` needs: RE2's anchored match. */
export function addMatches(database: DatabaseSync): void {
  const cache = new Map<string, RegExp>();
  database.function('matches', { deterministic: true }, (pattern, text) => {
    if (typeof pattern !== 'string' || typeof text !== 'string') return 0;
    let regex = cache.get(pattern);
    if (!regex) {
      if (cache.size > 100) cache.clear();
      regex = createLinearPattern(pattern);
      cache.set(pattern, regex);
    }
    return Number(regex.test(text));
  });
}

/** Traces that a query matches, newest first. @throws ViewerError `unsupported` for what has no SQL */
export function searchTraces(database: DatabaseSync, search: TraceSearch): FoundTrace[] {
  const { query, startS, endS } = search;
  const matching = formatSpansets(query.spansets);
  const bounds: SQLInputValue[] = [toNs(endS) ?? LAST_NS, toNs(startS) ?? 0n];
  const hint = formatCallHint(query);
  const traces = database
    .prepare(
      `SELECT trace, lower(hex(trace_id)) AS trace_id, root_service, root_name, CAST(start_ns AS TEXT) AS start_ns,
       (end_ns - start_ns) / 1000000 AS duration_ms
       FROM traces t WHERE start_ns <= ? AND end_ns >= ? ${hint.sql} AND ${matching.sql} ORDER BY t.start_ns DESC LIMIT ?`,
    )
    .all(...bounds, ...hint.params, ...matching.params, search.limit);
  const spans = createSpanFinder(database, search);
  const services = database.prepare(SELECT_SERVICES);
  return traces.map((row) => ({
    traceId: String(row.trace_id),
    rootService: typeof row.root_service === 'string' ? row.root_service : undefined,
    rootName: typeof row.root_name === 'string' ? row.root_name : undefined,
    startNs: BigInt(String(row.start_ns)),
    durationMs: Number(row.duration_ms),
    ...spans(Number(row.trace)),
    services: services.all(Number(row.trace)).map(toServiceStats),
  }));
}

const SELECT_SERVICES = `
SELECT r.service, count(*) AS spans, total(s.status = 2) AS errors
FROM spans s JOIN resources r ON r.id = s.resource WHERE s.trace = ? AND s.dur_ns IS NOT NULL GROUP BY r.service`;

function toServiceStats(row: Row): FoundTrace['services'][number] {
  return { service: String(row.service), spans: Number(row.spans), errors: Number(row.errors) };
}

/** In April 2262: later than anything that is stored, and the last that SQLite's integers hold. */
const LAST_NS = 2n ** 63n - 1n;

function toNs(seconds: number | undefined): bigint | undefined {
  if (seconds === undefined) return undefined;
  const ns = BigInt(seconds) * 1_000_000_000n;
  return ns < LAST_NS ? ns : LAST_NS;
}

/** A call id that every match must have finds its traces by index: the answer is the same, the scan is not needed. */
function formatCallHint({ spansets }: TraceQuery): { readonly sql: string; readonly params: readonly SQLInputValue[] } {
  const only = spansets.kind === 'filter' && spansets.condition.kind === 'comparison' ? spansets.condition : undefined;
  if (only?.op !== '=' || only.literal.type !== 'string' || only.field.scope !== 'span') return { sql: '', params: [] };
  if (only.field.key !== Attr.conversationId) return { sql: '', params: [] };
  return { sql: 'AND (t.call_sid = ? OR t.mixed = 1)', params: [only.literal.value] };
}

/** Finds the spans of one trace that belong to the answer; a column says for each comparison whether it holds. */
function createSpanFinder(database: DatabaseSync, { query, spansPerTrace }: TraceSearch) {
  const comparisons = listComparisons(query.spansets);
  const members = formatMembers(query.spansets);
  const tests = comparisons.map(formatComparison);
  const columns = tests.map(({ sql }, index) => `, ${sql} AS m${index}`).join('');
  const from = `FROM spans s JOIN traces t ON t.trace = s.trace WHERE s.trace = ? AND s.dur_ns IS NOT NULL AND ${members.sql}`;
  const find = database.prepare(
    `SELECT lower(hex(s.span_id)) AS span_id, (SELECT name FROM names WHERE id = s.name) AS name, s.start_us, s.start_ns_rem,
     s.dur_ns, s.status, s.status_message, s.kind, s.attributes, s.events, (SELECT attributes FROM resources WHERE id = s.resource) AS resource,
     t.root_name, t.root_service, count(*) OVER () AS matched ${columns} ${from}
     ORDER BY s.start_us, s.start_ns_rem LIMIT ?`,
  );
  const testParams = tests.flatMap(({ params }) => params);
  return (trace: number): { spans: FoundSpan[]; matched: number } => {
    const rows = find.all(...testParams, trace, ...members.params, spansPerTrace);
    return {
      spans: rows.map((row) => toFoundSpan(row, comparisons, query.select)),
      matched: Number(rows[0]?.matched ?? 0),
    };
  };
}

function toFoundSpan(row: Row, comparisons: readonly Comparison[], select: readonly Field[]): FoundSpan {
  const span = parseAttributes(String(row.attributes));
  const resource = parseAttributes(String(row.resource));
  const held = comparisons.filter((_comparison, index) => row[`m${index}`] === 1);
  const shown = new Map<string, FoundValue>();
  for (const { field, literal } of held) {
    const value = findValue(row, field, { span, resource }, literal.type === 'string' ? literal.value : '');
    if (value !== undefined) shown.set(field.key, value);
  }
  for (const field of select) {
    const value = findValue(row, field, { span, resource }, '');
    if (value !== undefined) shown.set(field.key, value);
  }
  const asksName = [...held.map(({ field }) => field), ...select].some(
    ({ scope, key }) => scope === 'intrinsic' && key === 'name',
  );
  return {
    spanId: String(row.span_id),
    name: asksName ? String(row.name) : undefined,
    startNs: toNanoseconds(row.start_us, row.start_ns_rem),
    durationNs: Number(row.dur_ns),
    attributes: [...shown],
  };
}

type Attributes = { readonly span: TypedAttributes; readonly resource: TypedAttributes };

/** The value that is shown for a field; undefined for what the answer shows elsewhere (name, duration, the trace's own). */
function findValue(row: Row, field: Field, { span, resource }: Attributes, compared: string): FoundValue | undefined {
  if (field.scope !== 'intrinsic') {
    const value =
      field.scope === 'resource'
        ? resource[field.key]
        : (span[field.key] ?? (field.scope === 'any' ? resource[field.key] : undefined));
    return value === null || value === undefined || typeof value === 'object' ? undefined : value;
  }
  switch (field.key) {
    case 'status':
      return STATUS_WORDS[Number(row.status)];
    case 'kind':
      return KIND_WORDS[Number(row.kind)];
    case 'statusMessage':
      return String(row.status_message);
    case 'event:name':
      return parseEvents(row.events as string | null).find(({ name }) => name === compared)?.name;
    default:
      return undefined;
  }
}
