import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One recorded request and its answer. `note`: a bad request. */
export type Recording = {
  readonly path: string;
  readonly query: Readonly<Record<string, string | number>>;
  readonly note: string | undefined;
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: unknown;
};

type Stored = {
  readonly cases: readonly {
    readonly request: { readonly path: string; readonly query: Recording['query']; readonly note?: string };
    readonly response: { readonly status: number; readonly contentType?: string; readonly body?: unknown };
    readonly note?: string;
  }[];
};

const folder = new URL('../fixtures/tempo/', import.meta.url);
const read = (name: string): unknown => JSON.parse(gunzipSync(readFileSync(new URL(name, folder))).toString('utf8'));

/** The recorded answers of a real Tempo. */
export function readTempoRecordings(): Recording[] {
  return (read('answers.json.gz') as Stored).cases.map(({ request, response, note }) => ({
    path: request.path,
    query: request.query,
    note: note ?? request.note,
    status: response.status,
    contentType: response.contentType,
    body: response.body,
  }));
}

/** What had been sent to it: OTLP/JSON export requests. */
export function readDataset(): {
  readonly traces: unknown;
  readonly logs: unknown;
  readonly calls: readonly { callSid: string; traceId: string }[];
} {
  return read('dataset.json.gz') as never;
}

type Json = Record<string, unknown>;
const sortBy = (items: unknown, key: string) =>
  ((items ?? []) as Json[]).toSorted((one, other) => (String(one[key]) < String(other[key]) ? -1 : 1));

/** A trace answer without what Tempo is free to order: attributes by key, spans by id, groups by service. */
export function normaliseTrace(body: unknown): unknown {
  const { batches, trace, metrics, ...rest } = body as Json & { trace?: Json };
  const groups = (batches ?? trace?.resourceSpans ?? []) as Json[];
  const normal = groups.map((group) => ({
    resource: { attributes: sortBy((group.resource as Json).attributes, 'key') },
    scopeSpans: (group.scopeSpans as Json[]).map(({ scope, spans }) => ({
      scope,
      spans: sortBy(spans, 'spanId').map(normaliseSpan),
    })),
  }));
  return {
    ...rest,
    hasMetrics: metrics !== undefined,
    form: batches ? 'batches' : 'trace',
    groups: normal.toSorted((one, other) => (JSON.stringify(one.resource) < JSON.stringify(other.resource) ? -1 : 1)),
  };
}

function normaliseSpan(span: Json): Json {
  return { ...span, attributes: sortBy(span.attributes, 'key') };
}

/** A search answer as a set: where `limit` or `spss` cut it, only how much there was. */
export function normaliseSearch(body: unknown, limit: number): unknown {
  const { traces, metrics, ...rest } = body as { traces: Json[]; metrics: unknown };
  if (traces.length >= limit) return { ...rest, hasMetrics: metrics !== undefined, count: traces.length };
  return { ...rest, hasMetrics: metrics !== undefined, traces: sortBy(traces, 'traceID').map(normaliseFound) };
}

function normaliseFound({ spanSet, spanSets, ...trace }: Json): Json {
  return { ...trace, spanSet: normaliseSet(spanSet as Json), spanSets: (spanSets as Json[]).map(normaliseSet) };
}

function normaliseSet({ spans, matched, ...rest }: Json): Json {
  const found = spans as Json[];
  if (found.length < Number(matched)) return { ...rest, matched, count: found.length };
  const sorted = sortBy(found, 'spanID').map(({ attributes, ...span }) => ({
    ...span,
    attributes: sortBy(attributes, 'key'),
  }));
  return { ...rest, matched, spans: sorted };
}
