/**
 * What the receiver understood of OTLP, exact: integers are bigint, doubles are number, so that 5 and 5.0 stay two values.
 * Times are nanoseconds since 1970 (bigint), ids lower-case hex.
 */
export type TypedValue =
  | string
  | boolean
  | bigint
  | number
  | null
  | Uint8Array
  | readonly TypedValue[]
  | TypedAttributes;
export type TypedAttributes = { readonly [key: string]: TypedValue };

/** Who sent it (OTLP Resource). */
export type Resource = { readonly attributes: TypedAttributes };
/** Which instrumentation made it (OTLP InstrumentationScope). */
export type Scope = { readonly name: string; readonly version: string; readonly attributes: TypedAttributes };

export type SpanEvent = { readonly timeNs: bigint; readonly name: string; readonly attributes: TypedAttributes };
export type SpanLink = {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: TypedAttributes;
};

/** OTLP numbers: 0 unset, 1 ok, 2 error. */
export type StatusCode = 0 | 1 | 2;
/** OTLP numbers: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
export type KindCode = 0 | 1 | 2 | 3 | 4 | 5;

/** A span; `endNs` is 0 while it is open (announced, not ended). */
export type SpanRecord = {
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: KindCode;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly status: StatusCode;
  readonly statusMessage: string;
  readonly attributes: TypedAttributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly resource: Resource;
  readonly scope: Scope;
};

/** A log record; `traceId` and `spanId` are '' outside a trace. */
export type LogRecord = {
  readonly timeNs: bigint;
  /** OTLP severity number, 0 to 24. */
  readonly severity: number;
  readonly severityText: string;
  readonly body: TypedValue;
  readonly eventName: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: TypedAttributes;
  readonly resource: Resource;
  readonly scope: Scope;
};

/** What one OTLP request brought: what can be kept, and how much of it could not, with the first reason. */
export type Received<Kept> = {
  readonly kept: readonly Kept[];
  readonly rejected: number;
  /** '' when nothing was rejected. */
  readonly reason: string;
};
