/** A span as a backend would see it. */
export type SeenSpan = {
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined for a root. */
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SeenKind;
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly attributes: SeenAttributes;
  readonly events: readonly { readonly name: string; readonly attributes: SeenAttributes }[];
  readonly status: 'unset' | 'ok' | 'error';
  /** Name of its instrumentation scope. */
  readonly scope: string;
  readonly resource: SeenAttributes;
};
/** The kind of a span, in words. */
export type SeenKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
/** Attributes as they were sent: strings, numbers, booleans, and lists of them. */
export type SeenAttributes = Readonly<Record<string, unknown>>;

/** A log record as a backend would see it. */
export type SeenLog = {
  readonly eventName: string | undefined;
  /** Its body; anything but text as JSON. */
  readonly body: string;
  /** OpenTelemetry's number: 5 debug, 9 info, 13 warn, 17 error, 21 fatal. */
  readonly severityNumber: number;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
  readonly attributes: SeenAttributes;
  readonly scope: string;
  readonly resource: SeenAttributes;
};

/** A point of a metric. */
export type SeenPoint = {
  readonly attributes: SeenAttributes;
  /** The value of a counter or gauge; the sum of a histogram. */
  readonly value: number;
  /** Of a histogram: how many values, and between which bounds they lie. */
  readonly count?: number;
  readonly bounds?: readonly number[];
  readonly bucketCounts?: readonly number[];
};
/** A metric as it was sent: its unit and the points of all its series. */
export type SeenMetric = { readonly name: string; readonly unit: string; readonly points: readonly SeenPoint[] };

/** What a test can look at, wherever the bot runs. */
export type SeenTelemetry = {
  /** Spans that have ended. */
  spans(): readonly SeenSpan[];
  /** Spans that were seen to start and not to end. */
  openSpans(): readonly SeenSpan[];
  logs(): readonly SeenLog[];
  /** The newest state of every metric. */
  metrics(): Promise<readonly SeenMetric[]>;
  /**
   * Forgets what was seen. Values of metrics are totals of the process and go on from before: read them before and after
   * what is tested.
   */
  reset(): void;
  close(): Promise<void>;
};

const KINDS: readonly SeenKind[] = ['internal', 'server', 'client', 'producer', 'consumer'];

/** @param index as the API counts kinds: 0 is internal */
export function kindOf(index: number): SeenKind {
  return KINDS[index] ?? 'internal';
}

const STATUSES: readonly SeenSpan['status'][] = ['unset', 'ok', 'error'];

/** @param code as API and OTLP count: 0 unset, 1 ok, 2 error */
export function statusOf(code = 0): SeenSpan['status'] {
  return STATUSES[code] ?? 'unset';
}
