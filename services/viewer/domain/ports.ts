import type { CallDetail, CallPage, CallSummary } from './call.ts';
import type { MetricPoint, MetricSelection, MetricSeries } from './metric.ts';
import type { LogRecord, SpanRecord } from './telemetry.ts';
import type { FoundTrace, TraceQuery } from './trace-query.ts';

/**
 * Where received telemetry goes. All resolve when it is stored for good, with how many of it the store cannot keep; sent twice,
 * it is kept once. @throws ViewerError `busy` when it is to be sent again
 */
export type TelemetrySink = {
  saveSpans(spans: readonly SpanRecord[]): Promise<number>;
  saveLogs(logs: readonly LogRecord[]): Promise<number>;
  saveMetrics(metrics: readonly MetricPoint[]): Promise<number>;
};

/** What one transaction changed. Spans are those that were new, or ended now; `callSid` of their trace where it is known. */
export type Changes = {
  readonly calls: readonly CallSummary[];
  readonly spans: readonly { readonly span: SpanRecord; readonly callSid: string | null }[];
  readonly logs: readonly LogRecord[];
};

/** What one transaction stores. */
export type Batch = {
  readonly spans: readonly SpanRecord[];
  readonly logs: readonly LogRecord[];
  readonly metrics?: readonly MetricPoint[];
};

/** Which traces are asked for. Times are epoch seconds; both bounds or none. */
export type TraceSearch = {
  readonly query: TraceQuery;
  readonly limit: number;
  /** Spans shown of each trace. */
  readonly spansPerTrace: number;
  readonly startS: number | undefined;
  readonly endS: number | undefined;
};

/** The calls to list: newest first, begun before `beforeMs` (exclusive). */
export type CallSelection = {
  readonly limit: number;
  readonly beforeMs: number | undefined;
  readonly callSid: string | undefined;
  /** Only the calls that these traces are of, 32 hex digits each; where it is given, nothing else limits the list. */
  readonly traceIds?: readonly string[] | undefined;
};

/** Everything that the viewer keeps. Writes are synchronous and happen in one transaction. */
export type TelemetryStore = {
  /** Stores a batch. Nothing of it is kept when it throws.
   * @throws ViewerError `busy` when it may go well later, Error when it never will */
  save(batch: Batch): Changes;
  /** Calls that were going on, of which nothing came since `beforeMs` (arrival): they are lost from now on. */
  markLost(beforeMs: number): readonly CallSummary[];
  /** When (epoch milliseconds) the call of which nothing came for longest was last heard of; undefined when none is going on. */
  findQuietest(): number | undefined;
  listCalls(selection: CallSelection): CallPage;
  findCall(callSid: string): CallDetail | undefined;
  /** Finished spans of a trace, by start; `isComplete` is false while its call goes on. None for an unknown trace. */
  findTrace(traceId: string): { readonly spans: readonly SpanRecord[]; readonly isComplete: boolean };
  searchTraces(search: TraceSearch): readonly FoundTrace[];
  /** Series of a metric that have points in a time, oldest series first. */
  findMetric(selection: MetricSelection): readonly MetricSeries[];
  /** Deletes at most `limit` of the traces that were last heard of before `beforeMs`; returns how many it deleted, `limit` when more is left. */
  deleteOld(beforeMs: number, limit: number): number;
  /** Deletes at most `limit` of the records of what people said that are from before `beforeMs`; returns how many it deleted. */
  deleteOldContent(beforeMs: number, limit: number): number;
  /** Looks at most `limit` rows further for names of spans, resources and scopes that nothing refers to any more, and deletes them at
   * the end of a round; false when the round is over, or nothing has changed since the last. */
  sweep(limit: number): boolean;
  /** @throws Error when the store does not answer */
  checkReady(): void;
  close(): void;
};
