import {
  type Attributes,
  type Context,
  context as contextApi,
  INVALID_SPAN_CONTEXT,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { CallClock } from './call-clock.ts';
import { Attr, type StageName } from './conventions/index.ts';
import { recordFailure } from './error-type.ts';

/** A span to start. `startedAtMs` is monotonic (see CallClock); default now. */
export type SpanRequest = {
  readonly name: string;
  readonly stage?: StageName;
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  readonly startedAtMs?: number;
};

/** A span of a call whose end is certain: by `end`, or by the end of its call. */
export type CallSpan = {
  readonly span: Span;
  /** The context in which work of this span runs. */
  readonly context: Context;
  /** Ends the span once; later calls do nothing. `endedAtMs` is monotonic, default now. */
  end(endedAtMs?: number): void;
  /** Ends the span as failed (or cancelled, which is no failure). */
  fail(error: unknown): void;
};

/** The spans of one call that are open now. */
export type OpenSpans = {
  readonly size: number;
  start(request: SpanRequest, parent: Context): CallSpan;
  /** Ends every open span, youngest first, so that children end before their parents; `endOf` marks a span and tells when it ends. */
  endAll(endOf: (span: Span) => number): void;
};

/** The register of one call's open spans: nothing started through it can be left open. */
export function createOpenSpans(tracer: Tracer, clock: CallClock): OpenSpans {
  const open = new Map<Span, CallSpan>();
  let closed = false;
  return {
    get size() {
      return open.size;
    },
    start(request, parent) {
      // After the end nothing may be opened that nobody would close.
      if (closed) return closedSpan(parent);
      const startTime = clock.wallTimeOf(request.startedAtMs ?? clock.now());
      const attributes = { ...(request.stage ? { [Attr.stage]: request.stage } : {}), ...request.attributes };
      const span = tracer.startSpan(
        request.name,
        { kind: request.kind ?? SpanKind.INTERNAL, startTime, attributes },
        parent,
      );
      const end = (endedAtMs = clock.now()) => {
        if (!open.delete(span)) return;
        span.end(Math.max(clock.wallTimeOf(endedAtMs), startTime));
      };
      const callSpan: CallSpan = {
        span,
        context: trace.setSpan(parent, span),
        end,
        fail(error) {
          if (!open.has(span)) return;
          recordFailure(span, error);
          end();
        },
      };
      open.set(span, callSpan);
      return callSpan;
    },
    endAll(endOf) {
      closed = true;
      for (const [span, callSpan] of [...open].reverse()) {
        callSpan.end(endOf(span));
      }
    },
  };
}

function closedSpan(parent: Context): CallSpan {
  const span = trace.wrapSpanContext(trace.getSpanContext(parent) ?? INVALID_SPAN_CONTEXT);
  return { span, context: parent, end() {}, fail() {} };
}

/** Runs `work` with `span` active; its result and its error pass through untouched. */
export async function runInSpan<T>(callSpan: CallSpan, work: (span: CallSpan) => Promise<T>): Promise<T> {
  try {
    const result = await contextApi.with(callSpan.context, () => work(callSpan));
    callSpan.end();
    return result;
  } catch (error) {
    callSpan.fail(error);
    throw error;
  }
}

/**
 * Streams what `produce` makes with `callSpan` active around every step (a generator's steps otherwise run in the
 * context of whoever asks for them); a consumer that stops half-way ends the span too.
 * @param active the context of the steps, default the span's own
 */
export async function* streamInSpan<T>(
  callSpan: CallSpan,
  produce: (span: CallSpan) => AsyncIterable<T>,
  active: Context = callSpan.context,
): AsyncGenerator<T> {
  const iterator = contextApi.with(active, () => produce(callSpan)[Symbol.asyncIterator]());
  try {
    for (;;) {
      const step = await contextApi.with(active, () => iterator.next());
      if (step.done) return;
      yield step.value;
    }
  } catch (error) {
    callSpan.fail(error);
    throw error;
  } finally {
    // Reached with the span still open only when the consumer stopped (return) or the stream ended well.
    await contextApi.with(active, async () => iterator.return?.());
    callSpan.end();
  }
}
