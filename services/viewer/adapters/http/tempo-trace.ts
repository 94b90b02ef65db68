import type { Resource, Scope, SpanRecord, TypedAttributes, TypedValue } from '../../domain/telemetry.ts';
import { isList } from '../../domain/views.ts';

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

/** Groups of spans as Tempo's JSON has them (`resourceSpans`, or `batches` in the older form): ids base64, times strings of ns. */
export function toResourceSpans(spans: readonly SpanRecord[]): object[] {
  return [...groupBy(spans, (span) => span.resource)].map(([resource, ofResource]) => ({
    resource: toResource(resource),
    scopeSpans: [...groupBy(ofResource, (span) => span.scope)].map(([scope, ofScope]) => ({
      scope: toScope(scope),
      spans: ofScope.map(toSpan),
    })),
  }));
}

function groupBy<Key>(spans: readonly SpanRecord[], keyOf: (span: SpanRecord) => Key): Map<Key, SpanRecord[]> {
  return Map.groupBy(spans, keyOf);
}

function toResource({ attributes }: Resource): object {
  return { attributes: toKeyValues(attributes) };
}

function toScope({ name, version, attributes }: Scope): object {
  return {
    ...(name === '' ? {} : { name }),
    ...(version === '' ? {} : { version }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes: toKeyValues(attributes) }),
  };
}

function toSpan(span: SpanRecord): object {
  return {
    traceId: toBase64(span.traceId),
    spanId: toBase64(span.spanId),
    ...(span.traceState === '' ? {} : { traceState: span.traceState }),
    ...(span.parentSpanId === '' ? {} : { parentSpanId: toBase64(span.parentSpanId) }),
    name: span.name,
    kind: `SPAN_KIND_${KINDS[span.kind]}`,
    startTimeUnixNano: String(span.startNs),
    endTimeUnixNano: String(span.endNs),
    attributes: toKeyValues(span.attributes),
    ...(span.events.length === 0 ? {} : { events: span.events.map(toEvent) }),
    ...(span.links.length === 0 ? {} : { links: span.links.map(toLink) }),
    status: toStatus(span),
  };
}

function toStatus({ status, statusMessage }: SpanRecord): object {
  return {
    ...(statusMessage === '' ? {} : { message: statusMessage }),
    ...(status === 0 ? {} : { code: status === 2 ? 'STATUS_CODE_ERROR' : 'STATUS_CODE_OK' }),
  };
}

function toEvent({ timeNs, name, attributes }: SpanRecord['events'][number]): object {
  const pairs = toKeyValues(attributes);
  return { timeUnixNano: String(timeNs), name, ...(pairs.length === 0 ? {} : { attributes: pairs }) };
}

function toLink({ traceId, spanId, traceState, attributes }: SpanRecord['links'][number]): object {
  const pairs = toKeyValues(attributes);
  return {
    traceId: toBase64(traceId),
    spanId: toBase64(spanId),
    ...(traceState === '' ? {} : { traceState }),
    ...(pairs.length === 0 ? {} : { attributes: pairs }),
  };
}

/** Attributes as OTLP/JSON has them. */
export function toKeyValues(attributes: TypedAttributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toAnyValue(value) }));
}

/** A value as OTLP/JSON has it: 64-bit integers are strings. */
export function toAnyValue(value: TypedValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return { doubleValue: Number.isFinite(value) ? value : String(value) };
  if (value === null) return {};
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  if (isList(value)) return { arrayValue: { values: value.map(toAnyValue) } };
  return { kvlistValue: { values: toKeyValues(value) } };
}

function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
