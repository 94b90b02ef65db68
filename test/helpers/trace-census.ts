import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { Attr } from 'callspan/conventions';

/** What is wrong with a set of finished spans; all empty when nothing is. */
export type TraceFaults = {
  /** Spans whose parent is unknown. */
  readonly orphans: readonly string[];
  /** Traces that hold spans of more than one call, and calls whose spans lie in more than one trace. */
  readonly mixed: readonly string[];
  /** Spans that end before they begin. */
  readonly backwards: readonly string[];
};

export function findTraceFaults(spans: readonly ReadableSpan[]): TraceFaults {
  const ids = new Set(spans.map((span) => span.spanContext().spanId));
  const callsOf = new Map<string, Set<string>>();
  const tracesOf = new Map<string, Set<string>>();
  for (const span of spans) {
    const callSid = span.attributes[Attr.conversationId];
    if (typeof callSid !== 'string') continue;
    const { traceId } = span.spanContext();
    add(callsOf, traceId, callSid);
    add(tracesOf, callSid, traceId);
  }
  return {
    orphans: spans
      .filter((span) => span.parentSpanContext && !ids.has(span.parentSpanContext.spanId))
      .map((span) => span.name),
    mixed: [...callsOf, ...tracesOf].filter(([, others]) => others.size > 1).map(([key]) => key),
    backwards: spans.filter((span) => toMs(span.endTime) < toMs(span.startTime)).map((span) => span.name),
  };
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const values = map.get(key) ?? new Set();
  map.set(key, values.add(value));
}

function toMs([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1000 + nanoseconds / 1e6;
}
