import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { LogRecord, SpanRecord } from '../../domain/telemetry.ts';
import { formatAttributes, formatEvents, formatLinks, formatValue } from './attribute-json.ts';
import type { Dictionary } from './dictionary.ts';

/** Puts single spans and log records into their tables. */
export type RowWriter = {
  /** True when the span was not there, or was open and has ended now: a finished span stays as it is. */
  putSpan(trace: number, span: SpanRecord): boolean;
  /** True when the record was not there. @param trace 0 outside a trace */
  putLog(trace: number, log: LogRecord): boolean;
};

/** @param dictionary of the same database */
export function createRowWriter(database: DatabaseSync, dictionary: Dictionary): RowWriter {
  const span = database.prepare(INSERT_SPAN);
  const log = database.prepare(INSERT_LOG);
  return {
    putSpan(trace, record) {
      const { changes } = span.run(
        trace,
        toBytes(record.spanId),
        record.parentSpanId === '' ? null : toBytes(record.parentSpanId),
        dictionary.nameId(record.name),
        record.kind,
        dictionary.resourceId(record.resource),
        dictionary.scopeId(record.scope),
        Number(record.startNs / 1000n),
        Number(record.startNs % 1000n),
        record.endNs === 0n ? null : Number(record.endNs - record.startNs),
        record.status,
        record.statusMessage,
        record.traceState,
        formatAttributes(record.attributes),
        formatEvents(record.events),
        formatLinks(record.links),
      );
      return changes === 1;
    },
    putLog(trace, record) {
      const [body, attributes] = [formatValue(record.body), formatAttributes(record.attributes)];
      const resource = dictionary.resourceId(record.resource);
      const scope = dictionary.scopeId(record.scope);
      const { severity, severityText, eventName, spanId } = record;
      const digest = hash(
        'sha1',
        `${resource} ${scope} ${spanId} ${severity} ${eventName} ${body} ${attributes}`,
        'buffer',
      );
      const { changes } = log.run(
        trace,
        Number(record.timeNs / 1000n),
        Number(record.timeNs % 1000n),
        digest.subarray(0, 8),
        spanId === '' ? null : toBytes(spanId),
        severity,
        severityText,
        body,
        eventName,
        resource,
        scope,
        attributes,
      );
      return changes === 1;
    },
  };
}

const INSERT_SPAN = `
INSERT INTO spans (trace, span_id, parent_id, name, kind, resource, scope, start_us, start_ns_rem, dur_ns, status, status_message,
  trace_state, attributes, events, links)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (trace, span_id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name, kind = excluded.kind,
  resource = excluded.resource, scope = excluded.scope, start_us = excluded.start_us, start_ns_rem = excluded.start_ns_rem,
  dur_ns = excluded.dur_ns, status = excluded.status, status_message = excluded.status_message,
  trace_state = excluded.trace_state, attributes = excluded.attributes, events = excluded.events, links = excluded.links
WHERE spans.dur_ns IS NULL AND excluded.dur_ns IS NOT NULL`;

// A log record has no id of its own: what it says is its identity, so that a batch sent twice is kept once.
const INSERT_LOG = `
INSERT INTO logs (trace, time_us, time_ns_rem, digest, span_id, severity, severity_text, body, event_name, resource, scope, attributes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING`;

function toBytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}
