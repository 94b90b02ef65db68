import {
  type Attributes,
  type Context,
  context as contextApi,
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
  /** Ends every open span, youngest first, so that children end before their parents. */
  endAll(endedAtMs: number, mark: (span: Span) => void): void;
};

/** The register of one call's open spans: nothing started through it can be left open. */
export function createOpenSpans(tracer: Tracer, clock: CallClock): OpenSpans {
  const open = new Map<Span, CallSpan>();
  return {
    get size() {
      return open.size;
    },
    start(request, parent) {
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
    endAll(endedAtMs, mark) {
      for (const [span, callSpan] of [...open].reverse()) {
        mark(span);
        callSpan.end(endedAtMs);
      }
    },
  };
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

/** Streams what `produce` makes with `span` active around every step; a consumer that stops half-way ends the span too. */
export async function* streamInSpan<T>(
  callSpan: CallSpan,
  produce: (span: CallSpan) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const iterator = contextApi.with(callSpan.context, () => produce(callSpan)[Symbol.asyncIterator]());
  try {
    for (;;) {
      const step = await contextApi.with(callSpan.context, () => iterator.next());
      if (step.done) return;
      yield step.value;
    }
  } catch (error) {
    callSpan.fail(error);
    throw error;
  } finally {
    // Reached with the span still open only when the consumer stopped (return) or the stream ended well.
    await iterator.return?.();
    callSpan.end();
  }
}
