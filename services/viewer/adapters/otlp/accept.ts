import type { LogRecord, Received, SpanRecord, TypedAttributes } from '../../domain/telemetry.ts';
import type { RawLog } from './wire-logs.ts';

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const ZERO_SPAN_ID = '0'.repeat(16);
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
/** June 2255: its microseconds are the last that a Number holds exactly, and the store reads them as Numbers. */
export const LATEST_NS = BigInt(Number.MAX_SAFE_INTEGER) * 1000n;
/** 52 days: what a Number of nanoseconds holds exactly, halved. */
const LONGEST_NS = 2n ** 52n;
const MAX_SEVERITY = 24;
/** Attributes, events and links of one span (and attributes of one record) that are kept; OpenTelemetry's own SDKs stop there too. */
const MAX_PER_SPAN = 128;

/** Spans that can be kept. `open`: they were announced at their start, so they must have no end; else they must have one. */
export function acceptSpans(spans: readonly SpanRecord[], { open }: { readonly open: boolean }): Received<SpanRecord> {
  const { kept, rejected, reason } = sift(spans, (span) => findSpanFault(span, open));
  return { kept: kept.map(withoutZeroParent).map(withinLimits), rejected, reason };
}

// Some exporters write a root's missing parent as zeros.
function withoutZeroParent(span: SpanRecord): SpanRecord {
  return span.parentSpanId === ZERO_SPAN_ID ? { ...span, parentSpanId: '' } : span;
}

function withinLimits(span: SpanRecord): SpanRecord {
  const events = span.events.filter(({ timeNs }) => timeNs >= 0n && timeNs <= LATEST_NS).slice(0, MAX_PER_SPAN);
  return {
    ...span,
    attributes: keepFirst(span.attributes),
    events: events.map((event) => ({ ...event, attributes: keepFirst(event.attributes) })),
    links: span.links.slice(0, MAX_PER_SPAN).map((link) => ({ ...link, attributes: keepFirst(link.attributes) })),
  };
}

/** The attributes as far as they are kept. */
export function keepFirst(attributes: TypedAttributes): TypedAttributes {
  const pairs = Object.entries(attributes);
  if (pairs.length <= MAX_PER_SPAN) return attributes;
  return Object.assign(Object.create(null), Object.fromEntries(pairs.slice(0, MAX_PER_SPAN)));
}

function findSpanFault(span: SpanRecord, open: boolean): string {
  if (!TRACE_ID.test(span.traceId)) return 'a trace id is not 16 bytes, or zero';
  if (!SPAN_ID.test(span.spanId)) return 'a span id is not 8 bytes, or zero';
  if (span.parentSpanId !== '' && !/^[0-9a-f]{16}$/.test(span.parentSpanId)) return 'a parent span id is not 8 bytes';
  if (span.startNs <= 0n || span.startNs > LATEST_NS) return 'a span has no start time';
  if (open) return span.endNs === 0n ? '' : 'an announced span has an end: send it to /v1/traces';
  if (span.endNs <= 0n || span.endNs > LATEST_NS) return 'a span has no end time: announce open spans to /v1/pending';
  if (span.endNs < span.startNs) return 'a span ends before it starts';
  if (span.endNs - span.startNs > LONGEST_NS) return 'a span lasts longer than 52 days';
  return '';
}

/** Log records that can be kept; one without a time gets the time at which it was observed. */
export function acceptLogs(logs: readonly RawLog[]): Received<LogRecord> {
  const { kept, rejected, reason } = sift(logs, findLogFault);
  return { kept: kept.map(toLogRecord), rejected, reason };
}

function findLogFault(log: RawLog): string {
  if (log.traceId !== '' && !TRACE_ID.test(log.traceId)) return 'a trace id is not 16 bytes, or zero';
  if (log.spanId !== '' && !SPAN_ID.test(log.spanId)) return 'a span id is not 8 bytes, or zero';
  const timeNs = log.timeNs || log.observedNs;
  if (timeNs <= 0n || timeNs > LATEST_NS) return 'a log record has no time';
  return '';
}

function toLogRecord({ observedNs, ...log }: RawLog): LogRecord {
  const named = log.attributes['event.name'];
  return {
    ...log,
    attributes: keepFirst(log.attributes),
    timeNs: log.timeNs || observedNs,
    severity: log.severity >= 0 && log.severity <= MAX_SEVERITY ? log.severity : 0,
    eventName: log.eventName || (typeof named === 'string' ? named : ''),
  };
}

/** Parts what has no fault from what has; `findFault` answers '' for none. */
export function sift<Item>(items: readonly Item[], findFault: (item: Item) => string): Received<Item> {
  let reason = '';
  const kept = items.filter((item) => {
    const fault = findFault(item);
    reason ||= fault;
    return fault === '';
  });
  return { kept, rejected: items.length - kept.length, reason };
}
