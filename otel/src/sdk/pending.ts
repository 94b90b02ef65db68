import { type Context, context, type HrTime, isSpanContextValid } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { callRefOf } from '../call/call-context.ts';
import type { Redactor } from '../redaction/redactor.ts';

/** Announcements wait this long for company: one request for a burst of starts. */
const COALESCE_MS = 50;
const MAX_WAITING = 256;
const REQUEST_TIMEOUT_MS = 2000;

/**
 * Announces every span of a call when it starts, as OTLP/JSON with `endTimeUnixNano: "0"`, so that a call can be seen
 * while it goes on. Fire and forget: an endpoint that is slow or away costs nothing but the announcement.
 *
 * @param how.redactor what is announced has not passed the span processors' end yet: it is redacted here
 */
export function createPendingAnnouncer(
  endpoint: string,
  { token, redactor }: { readonly token?: string | undefined; readonly redactor: Redactor },
): SpanProcessor {
  let waiting: ReadableSpan[] = [];
  let inFlight = false;
  let sending = Promise.resolve();

  const send = async () => {
    // A call that was discarded meanwhile has spans that will never end.
    const spans = waiting.filter((span) => isSpanContextValid(span.spanContext()));
    waiting = [];
    if (spans.length === 0) return;
    inFlight = true;
    try {
      const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
      const request = {
        method: 'POST',
        headers,
        body: toOtlpJson(spans, redactor),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      };
      const response = await context.with(suppressTracing(context.active()), () => fetch(endpoint, request));
      await response.arrayBuffer();
    } catch {
      // Nobody listens: the final span will tell.
    } finally {
      inFlight = false;
      if (waiting.length > 0) schedule();
    }
  };
  const flush = () => {
    sending = send();
    return sending;
  };
  const schedule = () => setTimeout(() => void flush(), COALESCE_MS).unref();

  return {
    onStart(span: Span, parentContext: Context) {
      if (!callRefOf(parentContext) || waiting.length >= MAX_WAITING) return;
      waiting.push(span as unknown as ReadableSpan);
      if (waiting.length === 1 && !inFlight) schedule();
    },
    onEnd() {},
    forceFlush: () => sending.then(flush),
    shutdown: () => sending.then(flush),
  };
}

function toOtlpJson(spans: readonly ReadableSpan[], redactor: Redactor): string {
  const first = spans[0];
  const scopeSpans = spans.map((span) => ({
    scope: { name: span.instrumentationScope.name },
    spans: [toSpan(span, redactor)],
  }));
  return JSON.stringify({
    resourceSpans: [{ resource: { attributes: toAttributes(first?.resource.attributes ?? {}) }, scopeSpans }],
  });
}

function toSpan(span: ReadableSpan, redactor: Redactor) {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    ...(span.parentSpanContext ? { parentSpanId: span.parentSpanContext.spanId } : {}),
    name: redactor.text(span.name),
    kind: span.kind + 1,
    startTimeUnixNano: toNanoseconds(span.startTime),
    endTimeUnixNano: '0',
    attributes: toAttributes(redactor.attributes(span.attributes)),
  };
}

function toNanoseconds([seconds, nanoseconds]: HrTime): string {
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds));
}

type OtlpAttribute = { key: string; value: Readonly<Record<string, string | number | boolean>> };

function toAttributes(attributes: object): OtlpAttribute[] {
  return Object.entries(attributes).flatMap(([key, value]): OtlpAttribute[] => {
    if (typeof value === 'string') return [{ key, value: { stringValue: value } }];
    if (typeof value === 'boolean') return [{ key, value: { boolValue: value } }];
    if (typeof value !== 'number') return [];
    return [{ key, value: Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value } }];
  });
}
