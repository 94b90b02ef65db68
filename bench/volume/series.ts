/** The parts of OTLP/JSON that are counted (opentelemetry-proto, collector services). */
export type OtlpBody = {
  readonly resourceSpans?: readonly { readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[] }[];
  readonly resourceLogs?: readonly {
    readonly scopeLogs?: readonly { readonly logRecords?: readonly unknown[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly scopeMetrics?: readonly { readonly metrics?: readonly OtlpMetric[] }[];
  }[];
};
type OtlpValue = { readonly stringValue?: string; readonly boolValue?: boolean };
type OtlpSpan = {
  readonly name: string;
  readonly kind?: number;
  readonly status?: { readonly code?: number };
  readonly attributes?: readonly { readonly key: string; readonly value: OtlpValue }[];
};
type OtlpMetric = {
  readonly name: string;
  readonly sum?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly gauge?: { readonly dataPoints: readonly OtlpPoint[] };
  readonly histogram?: { readonly dataPoints: readonly OtlpPoint[] };
};
type OtlpPoint = { readonly attributes?: readonly unknown[]; readonly explicitBounds?: readonly number[] };

/** Spans, log records or data points of a request. */
export function countItems(body: OtlpBody): number {
  return listSpans(body).length + listRecords(body).length + listPoints(body).length;
}

/**
 * The series that Prometheus keeps of a request of metrics: one of a number, of a histogram one for each bucket, one for
 * what is above the last bound, its sum and its count.
 */
export function listSeries(body: OtlpBody, service: string): readonly string[] {
  return listPoints(body).flatMap(({ name, point, isHistogram }) => {
    const key = `${service} ${name} ${JSON.stringify(point.attributes ?? [])}`;
    if (!isHistogram) return [key];
    const buckets = (point.explicitBounds?.length ?? 0) + 1;
    return [...Array.from({ length: buckets }, (_, index) => `${key} ${index}`), `${key} sum`, `${key} count`];
  });
}

/**
 * The label sets that `span_metrics` makes of spans.
 * @param dimensions the attributes that are labels (otel-collector.yaml)
 */
export function listSpanSeries(body: OtlpBody, service: string, dimensions: readonly string[]): readonly string[] {
  return listSpans(body).map(({ name, kind, status, attributes = [] }) => {
    const value = (key: string) =>
      JSON.stringify(attributes.find((attribute) => attribute.key === key)?.value ?? 'none');
    return [service, name, kind, status?.code ?? 0, ...dimensions.map(value)].join(' ');
  });
}

function listSpans(body: OtlpBody): readonly OtlpSpan[] {
  return (body.resourceSpans ?? []).flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans));
}

function listRecords(body: OtlpBody): readonly unknown[] {
  return (body.resourceLogs ?? []).flatMap(({ scopeLogs = [] }) =>
    scopeLogs.flatMap(({ logRecords = [] }) => logRecords),
  );
}

type Point = { readonly name: string; readonly point: OtlpPoint; readonly isHistogram: boolean };

function listPoints(body: OtlpBody): readonly Point[] {
  return (body.resourceMetrics ?? []).flatMap(({ scopeMetrics = [] }) =>
    scopeMetrics.flatMap(({ metrics = [] }) =>
      metrics.flatMap(({ name, sum, gauge, histogram }) => {
        const points = (sum ?? gauge ?? histogram)?.dataPoints ?? [];
        return points.map((point) => ({ name, point, isHistogram: histogram !== undefined }));
      }),
    ),
  );
}
