import type { Attributes, AttributeValue, LogLine, SpanView } from './call.ts';
import type { KindCode, LogRecord, SpanRecord, StatusCode, TypedAttributes, TypedValue } from './telemetry.ts';

const KINDS = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const STATUSES = ['unset', 'ok', 'error'] as const;
const SEVERITIES = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
const SERVICE_NAME = 'service.name';

/** Milliseconds since 1970, with the fraction that a Number can hold. */
export function toMilliseconds(ns: bigint): number {
  return Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6;
}

/** Name of the service behind a resource, `unknown_service` when it gives none (OpenTelemetry's own default). */
export function findServiceName(attributes: TypedAttributes): string {
  const name = attributes[SERVICE_NAME];
  return typeof name === 'string' && name !== '' ? name : 'unknown_service';
}

/** Words for OTLP's numbers; a kind that was not given is internal, as the specification says. */
export function findKind(kind: KindCode): SpanView['kind'] {
  return KINDS[kind];
}

/** Words for OTLP's status numbers. */
export function findStatusName(status: StatusCode): SpanView['status'] {
  return STATUSES[status];
}

/** Word for an OTLP severity number (1 to 24, four for each word); 0 counts as info. */
export function findSeverity(severity: number): string {
  if (severity < 1) return 'info';
  return SEVERITIES[Math.min(5, (severity - 1) >> 2)] ?? 'info';
}

/** Values as JSON can hold them: integers become Numbers, bytes become base64, maps become their JSON text. */
export function toPlainAttributes(attributes: TypedAttributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, toPlainValue(value)]));
}

function toPlainValue(value: TypedValue): AttributeValue {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isList(value)) return value.map(toPlainValue);
  return JSON.stringify(toPlainAttributes(value));
}

/** Tells lists from maps. */
export function isList(value: readonly TypedValue[] | TypedAttributes): value is readonly TypedValue[] {
  return Array.isArray(value);
}

/** A span as the page draws it. */
export function toSpanView(span: SpanRecord): SpanView {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || null,
    name: span.name,
    kind: findKind(span.kind),
    service: findServiceName(span.resource.attributes),
    scope: span.scope.name || null,
    startMs: toMilliseconds(span.startNs),
    durationMs: span.endNs === 0n ? null : Number(span.endNs - span.startNs) / 1e6,
    status: findStatusName(span.status),
    statusMessage: span.statusMessage || null,
    attributes: toPlainAttributes(span.attributes),
    events: span.events.map((event) => ({
      name: event.name,
      timeMs: toMilliseconds(event.timeNs),
      attributes: toPlainAttributes(event.attributes),
    })),
  };
}

/** A log record as the page shows it. */
export function toLogLine(log: LogRecord): LogLine {
  return {
    timeMs: toMilliseconds(log.timeNs),
    severity: findSeverity(log.severity),
    body: toText(log.body),
    eventName: log.eventName || null,
    service: findServiceName(log.resource.attributes),
    scope: log.scope.name || null,
    spanId: log.spanId || null,
    attributes: toPlainAttributes(log.attributes),
  };
}

/** The body of a log record as text. */
export function toText(body: TypedValue): string {
  const plain = toPlainValue(body);
  if (plain === null) return '';
  return typeof plain === 'object' ? JSON.stringify(plain) : String(plain);
}
