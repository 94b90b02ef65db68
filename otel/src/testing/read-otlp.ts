import {
  kindOf,
  type SeenAttributes,
  type SeenLog,
  type SeenMetric,
  type SeenPoint,
  type SeenSpan,
  statusOf,
} from './seen.ts';

/** OTLP/JSON, as far as it is read here: 64 bit integers are strings or numbers, empty fields are left out. */
type OtlpValue = {
  readonly stringValue?: string;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] };
  readonly kvlistValue?: { readonly values?: OtlpAttributes };
};
type OtlpAttributes = readonly { readonly key: string; readonly value?: OtlpValue }[];
type OtlpEvent = { readonly name: string; readonly attributes?: OtlpAttributes };
type OtlpSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: OtlpAttributes;
  readonly events?: readonly OtlpEvent[];
  readonly status?: { readonly code?: number };
};
type OtlpLog = {
  readonly eventName?: string;
  readonly body?: OtlpValue;
  readonly severityNumber?: number;
  readonly traceId?: string;
  readonly spanId?: string;
  readonly attributes?: OtlpAttributes;
};
type OtlpPoint = {
  readonly attributes?: OtlpAttributes;
  readonly asDouble?: number;
  readonly asInt?: string | number;
  readonly sum?: number;
  readonly count?: string | number;
  readonly explicitBounds?: readonly number[];
  readonly bucketCounts?: readonly (string | number)[];
};
type OtlpPoints = { readonly dataPoints?: readonly OtlpPoint[] };
type OtlpMetric = {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: OtlpPoints;
  readonly gauge?: OtlpPoints;
  readonly histogram?: OtlpPoints;
};
type Scope = { readonly scope?: { readonly name?: string } };
type Resource = { readonly resource?: { readonly attributes?: OtlpAttributes } };

/** A body of `POST /v1/traces`. */
export type OtlpTraces = {
  readonly resourceSpans?: readonly (Resource & {
    readonly scopeSpans?: readonly (Scope & { readonly spans?: readonly OtlpSpan[] })[];
  })[];
};
/** A body of `POST /v1/logs`. */
export type OtlpLogs = {
  readonly resourceLogs?: readonly (Resource & {
    readonly scopeLogs?: readonly (Scope & { readonly logRecords?: readonly OtlpLog[] })[];
  })[];
};
/** A body of `POST /v1/metrics`. */
export type OtlpMetrics = {
  readonly resourceMetrics?: readonly (Resource & {
    readonly scopeMetrics?: readonly (Scope & { readonly metrics?: readonly OtlpMetric[] })[];
  })[];
};

/** Reads the spans of an OTLP/JSON body; one whose end is 0 is going on, and its duration is 0. */
export function readSpans({ resourceSpans = [] }: OtlpTraces): (SeenSpan & { readonly ended: boolean })[] {
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        name: span.name,
        kind: kindOf((span.kind ?? 1) - 1),
        startMs: Number(BigInt(span.startTimeUnixNano)) / 1e6,
        durationMs: isOver(span) ? Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6 : 0,
        attributes: readAttributes(span.attributes),
        events: (span.events ?? []).map(({ name, attributes }) => ({ name, attributes: readAttributes(attributes) })),
        status: statusOf(span.status?.code),
        scope: scope?.name ?? '',
        resource: readAttributes(resource?.attributes),
        ended: isOver(span),
      })),
    ),
  );
}

function isOver({ endTimeUnixNano }: OtlpSpan): boolean {
  return Number(endTimeUnixNano ?? 0) > 0;
}

/** Reads the log records of an OTLP/JSON body. */
export function readLogs({ resourceLogs = [] }: OtlpLogs): SeenLog[] {
  return resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs.flatMap(({ scope, logRecords = [] }) =>
      logRecords.map((record) => ({
        eventName: record.eventName || undefined,
        body: asText(readValue(record.body)),
        severityNumber: record.severityNumber ?? 0,
        traceId: record.traceId || undefined,
        spanId: record.spanId || undefined,
        attributes: readAttributes(record.attributes),
        scope: scope?.name ?? '',
        resource: readAttributes(resource?.attributes),
      })),
    ),
  );
}

/** Reads the metrics of an OTLP/JSON body. */
export function readMetrics({ resourceMetrics = [] }: OtlpMetrics): SeenMetric[] {
  return resourceMetrics.flatMap(({ scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ metrics = [] }) =>
      metrics.map(({ name, unit = '', sum, gauge, histogram }) => ({
        name,
        unit,
        points: ((sum ?? gauge ?? histogram)?.dataPoints ?? []).map(readPoint),
      })),
    ),
  );
}

function readPoint({ attributes, asDouble, asInt, sum, count, explicitBounds, bucketCounts }: OtlpPoint): SeenPoint {
  return {
    attributes: readAttributes(attributes),
    value: asDouble ?? Number(asInt ?? sum ?? 0),
    ...(count === undefined ? {} : { count: Number(count) }),
    ...(explicitBounds ? { bounds: explicitBounds } : {}),
    ...(bucketCounts ? { bucketCounts: bucketCounts.map(Number) } : {}),
  };
}

/** A record's body as text. */
export function asText(body: unknown): string {
  return typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
}

function readAttributes(attributes: OtlpAttributes = []): SeenAttributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, readValue(value)]));
}

function readValue(value: OtlpValue = {}): unknown {
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.arrayValue) return (value.arrayValue.values ?? []).map(readValue);
  if (value.kvlistValue) return readAttributes(value.kvlistValue.values);
  return value.stringValue ?? value.doubleValue ?? value.boolValue;
}
