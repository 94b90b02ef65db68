import { Attr } from 'callspan/conventions';
import type { Attributes, AttributeValue, SpanView } from '../../services/viewer/api/types.ts';

/** Spans as Tempo's `GET /api/v2/traces/{id}` writes them: ids base64, times strings of ns, resources by service. */
export function toTempoJson(spans: readonly SpanView[]): object {
  const services = [...new Set(spans.map((span) => span.service))];
  const resourceSpans = services.map((service) => ({
    resource: { attributes: toKeyValues({ [Attr.serviceName]: service, [Attr.serviceNamespace]: 'callspan' }) },
    scopeSpans: [...new Set(spans.map((span) => span.scope))].map((scope) => ({
      scope: { name: scope ?? '', version: '0.1.0' },
      spans: spans.filter((span) => span.service === service && span.scope === scope).map(toTempoSpan),
    })),
  }));
  return { trace: { resourceSpans }, metrics: {} };
}

function toTempoSpan(span: SpanView) {
  return {
    traceId: toBase64(span.traceId),
    spanId: toBase64(span.spanId),
    ...(span.parentSpanId === null ? {} : { parentSpanId: toBase64(span.parentSpanId) }),
    name: span.name,
    kind: `SPAN_KIND_${span.kind.toUpperCase()}`,
    startTimeUnixNano: toNanoseconds(span.startMs),
    endTimeUnixNano: toNanoseconds(span.startMs + (span.durationMs ?? 0)),
    attributes: toKeyValues(span.attributes),
    events: span.events.map((event) => ({
      timeUnixNano: toNanoseconds(event.timeMs),
      name: event.name,
      attributes: toKeyValues(event.attributes),
    })),
    status: span.status === 'error' ? { code: 'STATUS_CODE_ERROR', message: span.statusMessage ?? '' } : {},
  };
}

function toBase64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

function toNanoseconds(ms: number): string {
  return String(BigInt(Math.floor(ms)) * 1_000_000n + BigInt(Math.round((ms % 1) * 1e6)));
}

function toKeyValues(attributes: Attributes) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toValue(value) }));
}

function toValue(value: AttributeValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return value === null ? {} : { arrayValue: { values: value.map(toValue) } };
}
