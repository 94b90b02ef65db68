import { Attr } from 'callspan/conventions';
import type { Attributes, AttributeValue, SpanView } from '../../../api/types.ts';

/** The parts of Tempo's `GET /api/v2/traces/{id}` answer that the page reads. Ids are base64 (or hex), times strings of ns. */
export type TempoTrace = { readonly trace?: { readonly resourceSpans?: readonly TempoResourceSpans[] } };
type TempoResourceSpans = {
  readonly resource?: { readonly attributes?: readonly TempoAttribute[] };
  readonly scopeSpans?: readonly {
    readonly scope?: { readonly name?: string };
    readonly spans?: readonly TempoSpan[];
  }[];
};
type TempoAttribute = { readonly key: string; readonly value?: TempoValue };
type TempoValue = {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly TempoValue[] };
};
type TempoSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: readonly TempoAttribute[];
  readonly events?: readonly {
    readonly timeUnixNano: string;
    readonly name?: string;
    readonly attributes?: readonly TempoAttribute[];
  }[];
  readonly status?: { readonly code?: string; readonly message?: string };
};

/** Spans of a Tempo answer, in the order given; an unknown trace (`{trace: {}}`) gives none. @throws SyntaxError on ids or times that are neither. */
export function parseTempoTrace(answer: TempoTrace): SpanView[] {
  return (answer.trace?.resourceSpans ?? []).flatMap((resourceSpans) => {
    const service = parseAttributes(resourceSpans.resource?.attributes)[Attr.serviceName];
    return (resourceSpans.scopeSpans ?? []).flatMap(({ scope, spans }) =>
      (spans ?? []).map((span) => parseSpan(span, String(service ?? ''), scope?.name ?? null)),
    );
  });
}

function parseSpan(span: TempoSpan, service: string, scope: string | null): SpanView {
  const endNs = span.endTimeUnixNano ?? '0';
  return {
    traceId: parseId(span.traceId),
    spanId: parseId(span.spanId),
    parentSpanId: span.parentSpanId ? parseId(span.parentSpanId) : null,
    name: span.name ?? '',
    kind: parseKind(span.kind),
    service,
    scope,
    startMs: parseNanoseconds(span.startTimeUnixNano),
    durationMs: endNs === '0' ? null : Number(BigInt(endNs) - BigInt(span.startTimeUnixNano)) / 1e6,
    status:
      span.status?.code === 'STATUS_CODE_ERROR' ? 'error' : span.status?.code === 'STATUS_CODE_OK' ? 'ok' : 'unset',
    statusMessage: span.status?.message || null,
    attributes: parseAttributes(span.attributes),
    // An event without a readable time has no place on the axis: it is left out, and the rest is shown.
    events: (span.events ?? [])
      .filter((event) => isNanoseconds(event.timeUnixNano))
      .map((event) => ({
        name: event.name ?? '',
        timeMs: parseNanoseconds(event.timeUnixNano),
        attributes: parseAttributes(event.attributes),
      })),
  };
}

/** Hex form of an id that is base64 (Tempo) or hex already (OTLP/JSON). @throws SyntaxError when it is neither. */
export function parseId(id: string): string {
  if (/^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(id)) return id.toLowerCase();
  if (!/^([A-Za-z0-9+/]{11}=?|[A-Za-z0-9+/]{22}(==)?)$/.test(id))
    throw new SyntaxError(`not a trace or span id: ${id}`);
  return Array.from(atob(id), (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** Epoch milliseconds of a string of ns, split before it becomes a Number: 19 digits do not fit into one. @throws SyntaxError */
export function parseNanoseconds(ns: string): number {
  if (!isNanoseconds(ns)) throw new SyntaxError(`not a time in nanoseconds: ${ns}`);
  return Number(ns.slice(0, -6)) + Number(ns.slice(-6)) / 1e6;
}

function isNanoseconds(ns: unknown): boolean {
  return typeof ns === 'string' && /^\d+$/.test(ns);
}

function parseKind(kind: string | undefined): SpanView['kind'] {
  switch (kind) {
    case 'SPAN_KIND_SERVER':
      return 'server';
    case 'SPAN_KIND_CLIENT':
      return 'client';
    case 'SPAN_KIND_PRODUCER':
      return 'producer';
    case 'SPAN_KIND_CONSUMER':
      return 'consumer';
    default:
      return 'internal';
  }
}

function parseAttributes(attributes: readonly TempoAttribute[] | undefined): Attributes {
  return Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, parseValue(value)]));
}

function parseValue(value: TempoValue | undefined): AttributeValue {
  if (value?.stringValue !== undefined) return value.stringValue;
  if (value?.intValue !== undefined) return Number(value.intValue);
  if (value?.doubleValue !== undefined) return value.doubleValue;
  if (value?.boolValue !== undefined) return value.boolValue;
  if (value?.arrayValue !== undefined) return (value.arrayValue.values ?? []).map(parseValue);
  return null;
}
