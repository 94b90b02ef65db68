/** The part of TraceQL that is answered (https://grafana.com/docs/tempo/latest/traceql/), as the parser hands it on. */

/** A field of a span. `any` looks on the span first, then on its resource. */
export type Field =
  | { readonly scope: 'span' | 'resource' | 'any'; readonly key: string }
  | { readonly scope: 'intrinsic'; readonly key: Intrinsic };
export type Intrinsic =
  | 'name'
  | 'status'
  | 'statusMessage'
  | 'kind'
  | 'duration'
  | 'rootName'
  | 'rootServiceName'
  | 'traceDuration'
  | 'event:name';

export type CompareOp = '=' | '!=' | '<' | '<=' | '>' | '>=' | '=~' | '!~';

/** A literal; durations in nanoseconds. `status` and `kind` are OTLP's numbers. */
export type Literal =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly value: number }
  | { readonly type: 'duration'; readonly value: number }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'status'; readonly value: number }
  | { readonly type: 'kind'; readonly value: number }
  | { readonly type: 'nil' };

export type Comparison = {
  readonly kind: 'comparison';
  readonly field: Field;
  readonly op: CompareOp;
  readonly literal: Literal;
};

/** What a span must be; `all` lets every span through. */
export type Condition =
  | Comparison
  | { readonly kind: 'all' }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition };

/** What a trace must have: a span for a filter; with `and` spans for both sides, with `or` for one of them. */
export type SpansetQuery =
  | { readonly kind: 'filter'; readonly condition: Condition }
  | { readonly kind: 'and' | 'or'; readonly left: SpansetQuery; readonly right: SpansetQuery };

/** A whole query; `select` names fields to show besides those that were compared. */
export type TraceQuery = { readonly spansets: SpansetQuery; readonly select: readonly Field[] };

/** A value shown with a found span. */
export type FoundValue = string | boolean | bigint | number;

/** A span that the query matched; `name` only when the query asked about it. Times in nanoseconds. */
export type FoundSpan = {
  readonly spanId: string;
  readonly name: string | undefined;
  readonly startNs: bigint;
  readonly durationNs: number;
  readonly attributes: readonly (readonly [key: string, value: FoundValue])[];
};

/** A trace that the query matched: the first of its matching spans, and how many there are. */
export type FoundTrace = {
  readonly traceId: string;
  /** Undefined until the root span has ended. */
  readonly rootService: string | undefined;
  readonly rootName: string | undefined;
  readonly startNs: bigint;
  readonly durationMs: number;
  readonly spans: readonly FoundSpan[];
  readonly matched: number;
  readonly services: readonly { readonly service: string; readonly spans: number; readonly errors: number }[];
};

/** Comparisons of a query, and places where everything is let through. */
export function countLeaves(query: SpansetQuery | Condition): number {
  if (query.kind === 'comparison' || query.kind === 'all') return 1;
  if (query.kind === 'filter') return countLeaves(query.condition);
  return countLeaves(query.left) + countLeaves(query.right);
}

/** All comparisons of a query, from left to right. */
export function listComparisons(query: SpansetQuery | Condition): readonly Comparison[] {
  if (query.kind === 'comparison') return [query];
  if (query.kind === 'all') return [];
  if (query.kind === 'filter') return listComparisons(query.condition);
  return [...listComparisons(query.left), ...listComparisons(query.right)];
}
