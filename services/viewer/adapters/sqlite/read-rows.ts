import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { LogEvent } from 'callspan/conventions';
import type { KindCode, LogRecord, Resource, Scope, SpanRecord, StatusCode } from '../../domain/telemetry.ts';
import { parseAttributes, parseEvents, parseLinks, parseValue } from './attribute-json.ts';

type Row = Record<string, SQLOutputValue>;

/** Spans and log records of one trace, as they were received. */
export type RowReader = {
  /** By start. `open`: those that have not ended, else those that have. */
  listSpans(trace: number, traceId: string, open: boolean): SpanRecord[];
  /** By time, at most `limit`; where there are more, those that {@link TELLING} and warnings come first. */
  listLogs(trace: number, traceId: string, limit: number): LogRecord[];
};

/** @param database with the schema of this folder */
export function createRowReader(database: DatabaseSync): RowReader {
  const spans = database.prepare(SELECT_SPANS);
  const logs = database.prepare(SELECT_LOGS);
  return {
    listSpans(trace, traceId, open) {
      const shared = createShared();
      return spans.all(trace, Number(open)).map((row) => toSpan(row, traceId, shared));
    },
    listLogs(trace, traceId, limit) {
      const shared = createShared();
      return logs.all(trace, limit).map((row) => toLog(row, traceId, shared));
    },
  };
}

const SELECT_SPANS = `
SELECT hex(s.span_id) AS span_id, hex(s.parent_id) AS parent_id, n.name, s.kind, s.start_us, s.start_ns_rem, s.dur_ns, s.status,
  s.status_message, s.trace_state, s.attributes, s.events, s.links, s.resource, r.attributes AS resource_attributes,
  s.scope, c.name AS scope_name, c.version AS scope_version, c.attributes AS scope_attributes
FROM spans s JOIN names n ON n.id = s.name JOIN resources r ON r.id = s.resource JOIN scopes c ON c.id = s.scope
WHERE s.trace = ? AND (s.dur_ns IS NULL) = ? ORDER BY s.start_us, s.start_ns_rem`;

/** What a call's picture is made of: what was said and heard, and what explains a wait. */
const TELLING = [LogEvent.transcript, LogEvent.reply, LogEvent.envelope, LogEvent.stageStuck];
/** OpenTelemetry's least number of a warning. */
const WARN = 13;

const SELECT_LOGS = `
SELECT l.time_us, l.time_ns_rem, hex(l.span_id) AS span_id, l.severity, l.severity_text, l.body, l.event_name, l.attributes,
  l.resource, r.attributes AS resource_attributes,
  l.scope, c.name AS scope_name, c.version AS scope_version, c.attributes AS scope_attributes
FROM logs l JOIN resources r ON r.id = l.resource JOIN scopes c ON c.id = l.scope
WHERE l.id IN (
  SELECT id FROM logs WHERE trace = ?
  ORDER BY (severity >= ${WARN} OR event_name IN (${TELLING.map((name) => `'${name}'`)})) DESC, time_us, time_ns_rem, id LIMIT ?
) ORDER BY l.time_us, l.time_ns_rem, l.id`;

/** Resources and scopes of the rows read together: each is made once, so that they can be grouped by identity. */
type Shared = { readonly resources: Map<number, Resource>; readonly scopes: Map<number, Scope> };

function createShared(): Shared {
  return { resources: new Map(), scopes: new Map() };
}

function toSpan(row: Row, traceId: string, shared: Shared): SpanRecord {
  const startNs = toNanoseconds(row.start_us, row.start_ns_rem);
  return {
    traceId,
    spanId: toHex(row.span_id),
    parentSpanId: toHex(row.parent_id),
    traceState: String(row.trace_state),
    name: String(row.name),
    kind: Number(row.kind) as KindCode,
    startNs,
    endNs: row.dur_ns === null ? 0n : startNs + BigInt(Number(row.dur_ns)),
    status: Number(row.status) as StatusCode,
    statusMessage: String(row.status_message),
    attributes: parseAttributes(String(row.attributes)),
    events: parseEvents(row.events as string | null),
    links: parseLinks(row.links as string | null),
    resource: findResource(row, shared),
    scope: findScope(row, shared),
  };
}

function toLog(row: Row, traceId: string, shared: Shared): LogRecord {
  return {
    timeNs: toNanoseconds(row.time_us, row.time_ns_rem),
    severity: Number(row.severity),
    severityText: String(row.severity_text),
    body: parseValue(String(row.body)),
    eventName: String(row.event_name),
    traceId,
    spanId: toHex(row.span_id),
    attributes: parseAttributes(String(row.attributes)),
    resource: findResource(row, shared),
    scope: findScope(row, shared),
  };
}

function findResource(row: Row, { resources }: Shared): Resource {
  const id = Number(row.resource);
  let resource = resources.get(id);
  if (!resource) {
    resource = { attributes: parseAttributes(String(row.resource_attributes)) };
    resources.set(id, resource);
  }
  return resource;
}

function findScope(row: Row, { scopes }: Shared): Scope {
  const id = Number(row.scope);
  let scope = scopes.get(id);
  if (!scope) {
    const attributes = parseAttributes(String(row.scope_attributes));
    scope = { name: String(row.scope_name), version: String(row.scope_version), attributes };
    scopes.set(id, scope);
  }
  return scope;
}

function toHex(value: SQLOutputValue | undefined): string {
  return typeof value === 'string' ? value.toLowerCase() : '';
}

/** Nanoseconds from the two columns that keep them. */
export function toNanoseconds(us: SQLOutputValue | undefined, rest: SQLOutputValue | undefined): bigint {
  return BigInt(Number(us)) * 1000n + BigInt(Number(rest));
}
