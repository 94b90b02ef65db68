import type { Resource, Scope, SpanRecord } from '../../domain/telemetry.ts';
import { type JsonObject, readItems, toAttributes, toInteger, toObject, toObjects, toText } from './json-values.ts';
import { toKind, toStatus } from './wire-traces.ts';

/**
 * Reads an ExportTraceServiceRequest as OTLP/JSON (ids are hex, not base64); ids and times are not checked here.
 * @throws OtlpDecodeError when the body is no such message
 */
export function parseTracesJson(bytes: Buffer): SpanRecord[] {
  return readItems(bytes, { groups: 'resourceSpans', scopes: 'scopeSpans', items: 'spans' }, toSpan);
}

function toSpan(span: JsonObject, resource: Resource, scope: Scope): SpanRecord {
  const status = span.status === undefined || span.status === null ? {} : toObject(span.status, 'status');
  return {
    traceId: toText(span.traceId, 'traceId').toLowerCase(),
    spanId: toText(span.spanId, 'spanId').toLowerCase(),
    parentSpanId: toText(span.parentSpanId, 'parentSpanId').toLowerCase(),
    traceState: toText(span.traceState, 'traceState'),
    name: toText(span.name, 'name'),
    kind: toKind(Number(toInteger(span.kind, 'kind'))),
    startNs: toInteger(span.startTimeUnixNano, 'startTimeUnixNano'),
    endNs: toInteger(span.endTimeUnixNano, 'endTimeUnixNano'),
    status: toStatus(Number(toInteger(status.code, 'status.code'))),
    statusMessage: toText(status.message, 'status.message'),
    attributes: toAttributes(span.attributes),
    events: toObjects(span.events, 'events').map((event) => ({
      timeNs: toInteger(event.timeUnixNano, 'timeUnixNano'),
      name: toText(event.name, 'name'),
      attributes: toAttributes(event.attributes),
    })),
    links: toObjects(span.links, 'links').map((link) => ({
      traceId: toText(link.traceId, 'traceId').toLowerCase(),
      spanId: toText(link.spanId, 'spanId').toLowerCase(),
      traceState: toText(link.traceState, 'traceState'),
      attributes: toAttributes(link.attributes),
    })),
    resource,
    scope,
  };
}
