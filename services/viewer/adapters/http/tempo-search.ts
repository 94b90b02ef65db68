import type { FoundSpan, FoundTrace } from '../../domain/trace-query.ts';
import { toAnyValue } from './tempo-trace.ts';

/** What Tempo says until the root span has ended. */
const NO_ROOT = '<root span not yet received>';

/** An answer of `/api/search` as Tempo gives it: ids hex, trace ids without leading zeros. */
export function toSearchAnswer(traces: readonly FoundTrace[]): object {
  return { traces: traces.map(toTrace), metrics: { inspectedTraces: traces.length, completedJobs: 1, totalJobs: 1 } };
}

function toTrace(trace: FoundTrace): object {
  const spanSet = { spans: trace.spans.map(toSpan), matched: trace.matched };
  return {
    traceID: trace.traceId.replace(/^0+/, ''),
    rootServiceName: trace.rootService ?? NO_ROOT,
    ...(trace.rootName === undefined ? {} : { rootTraceName: trace.rootName }),
    startTimeUnixNano: String(trace.startNs),
    ...(trace.durationMs === 0 ? {} : { durationMs: trace.durationMs }),
    spanSet,
    spanSets: [spanSet],
    serviceStats: Object.fromEntries(
      trace.services.map(({ service, spans, errors }) => [
        service,
        { spanCount: spans, ...(errors === 0 ? {} : { errorCount: errors }) },
      ]),
    ),
  };
}

function toSpan(span: FoundSpan): object {
  return {
    spanID: span.spanId,
    ...(span.name === undefined ? {} : { name: span.name }),
    startTimeUnixNano: String(span.startNs),
    durationNanos: String(span.durationNs),
    ...(span.attributes.length === 0
      ? {}
      : { attributes: span.attributes.map(([key, value]) => ({ key, value: toAnyValue(value) })) }),
  };
}
