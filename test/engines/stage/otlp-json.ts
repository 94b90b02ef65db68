/** A value of an attribute as it is written in tests; a whole number is an integer. */
export type OtlpValue = string | number | boolean | readonly OtlpValue[];
export type OtlpAttributes = Readonly<Record<string, OtlpValue>>;

export type SentSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** As OTLP numbers them; internal unless told. */
  readonly kind?: number;
  readonly statusMessage?: string;
  readonly attributes: OtlpAttributes;
  readonly events?: readonly { readonly name: string; readonly attributes: OtlpAttributes }[];
};
export type SentLog = {
  readonly eventName?: string;
  /** Text, or an AnyValue of OTLP/JSON. */
  readonly body: string | object;
  readonly attributes?: OtlpAttributes;
};

/** Key and value pairs of OTLP/JSON. */
export function toAttributes(attributes: OtlpAttributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: toAnyValue(value) }));
}

function toAnyValue(value: OtlpValue): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map(toAnyValue) } };
}

const nowNs = () => `${Date.now()}000000`;

/** An OTLP/JSON export request of spans that end now. */
export function toSpans(resource: OtlpAttributes, spans: readonly SentSpan[]): object {
  const written = spans.map(({ attributes, events = [], statusMessage, ...span }) => ({
    kind: 1,
    ...span,
    startTimeUnixNano: nowNs(),
    endTimeUnixNano: nowNs(),
    attributes: toAttributes(attributes),
    events: events.map((event) => ({ ...event, timeUnixNano: nowNs(), attributes: toAttributes(event.attributes) })),
    ...(statusMessage === undefined ? {} : { status: { code: 2, message: statusMessage } }),
  }));
  return { resourceSpans: [{ resource: { attributes: toAttributes(resource) }, scopeSpans: [{ spans: written }] }] };
}

/** The same of log records. */
export function toLogs(resource: OtlpAttributes, logs: readonly SentLog[]): object {
  const logRecords = logs.map(({ body, attributes = {}, ...log }) => ({
    ...log,
    timeUnixNano: nowNs(),
    body: typeof body === 'string' ? { stringValue: body } : body,
    attributes: toAttributes(attributes),
  }));
  return { resourceLogs: [{ resource: { attributes: toAttributes(resource) }, scopeLogs: [{ logRecords }] }] };
}

/** The same of counters, each with its labels and the value 1. */
export function toSums(resource: OtlpAttributes, labels: Readonly<Record<string, OtlpAttributes>>): object {
  const metrics = Object.entries(labels).map(([name, attributes]) => ({
    name,
    sum: {
      aggregationTemporality: 2,
      isMonotonic: true,
      dataPoints: [
        { asInt: '1', timeUnixNano: nowNs(), startTimeUnixNano: nowNs(), attributes: toAttributes(attributes) },
      ],
    },
  }));
  return { resourceMetrics: [{ resource: { attributes: toAttributes(resource) }, scopeMetrics: [{ metrics }] }] };
}
