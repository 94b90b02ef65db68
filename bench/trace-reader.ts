/** A span as the bench needs it: times in epoch milliseconds, attributes as plain values. */
export type ReadSpan = {
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Names of its events. */
  readonly events: readonly string[];
};

type TempoValue = { stringValue?: string; intValue?: string; doubleValue?: number; boolValue?: boolean };
type TempoSpan = {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly { readonly key: string; readonly value: TempoValue }[];
  readonly events?: readonly { readonly name: string }[];
};
type TempoAnswer = {
  readonly trace?: {
    readonly resourceSpans?: readonly { readonly scopeSpans: readonly { readonly spans: readonly TempoSpan[] }[] }[];
  };
};

/** The spans of a trace as the viewer's Tempo API gives them; none for an unknown trace. */
export async function readTrace(viewerUrl: string, traceId: string): Promise<ReadSpan[]> {
  const response = await fetch(`${viewerUrl}/tempo/api/v2/traces/${traceId}`, {
    headers: { accept: 'application/json' },
  });
  const answer = (await response.json()) as TempoAnswer;
  const resourceSpans = answer.trace?.resourceSpans ?? [];
  return resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans.map(toSpan)));
}

function toSpan(span: TempoSpan): ReadSpan {
  const start = BigInt(span.startTimeUnixNano);
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? '',
    name: span.name,
    startMs: Number(start) / 1e6,
    durationMs: Number(BigInt(span.endTimeUnixNano) - start) / 1e6,
    attributes: Object.fromEntries((span.attributes ?? []).map(({ key, value }) => [key, plainValue(value)])),
    events: (span.events ?? []).map(({ name }) => name),
  };
}

function plainValue({ stringValue, intValue, doubleValue, boolValue }: TempoValue): string | number | boolean {
  if (intValue !== undefined) return Number(intValue);
  return stringValue ?? doubleValue ?? boolValue ?? '';
}
