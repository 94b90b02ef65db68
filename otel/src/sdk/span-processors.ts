import type { Context, Link, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor, TimedEvent } from '@opentelemetry/sdk-trace';
import { callRefOf } from '../call/call-context.ts';
import { Attr, SpanEvent } from '../conventions/index.ts';
import { catchUp, deferred } from '../deferred.ts';
import { redactInPlace } from '../redaction/redact-in-place.ts';
import type { Redactor } from '../redaction/redactor.ts';

const OWN_EVENTS = new Set<string>(Object.values(SpanEvent));

const nothing = async () => undefined;

/** Stamps call id and turn index on every span started inside a call, whoever starts it. */
export function createCallStamp(): SpanProcessor {
  return {
    onStart(span: Span, parentContext: Context) {
      const ref = callRefOf(parentContext);
      if (!ref) return;
      // Not by setAttribute, which makes four objects of each value to check what is known to be right.
      const { attributes } = span as unknown as ReadableSpan;
      if (ref.callSid) attributes[Attr.conversationId] = ref.callSid;
      if (ref.turnIndex !== undefined) attributes[Attr.turnIndex] = ref.turnIndex;
    },
    onEnd() {},
    forceFlush: nothing,
    shutdown: nothing,
  };
}

/**
 * Takes secrets and personal data out of a span when it ends: name, attributes, events, status and links. It is the first
 * processor and writes on the span itself, so that whatever comes after it, one's own processors included, sees no more
 * than the kit's exporter; only `onStart` of one's own shows attributes as they were given.
 */
export function createRedactingProcessor(redactor: Redactor): SpanProcessor {
  return {
    onStart() {},
    onEnd(span: ReadableSpan) {
      redactSpan(span, redactor);
    },
    forceFlush: nothing,
    shutdown: nothing,
  };
}

/**
 * One processor of many, which are told of the ends of spans a moment later, of several together. `forceFlush` and
 * `shutdown` tell first.
 */
export function deferEnds(processors: readonly SpanProcessor[]): SpanProcessor {
  const tellEnd = deferred<ReadableSpan>((span) => {
    for (const processor of processors) processor.onEnd(span);
  });
  const caughtUp = async (work: (processor: SpanProcessor) => Promise<void>) => {
    catchUp();
    await Promise.all(processors.map(work));
  };
  return {
    onStart(span, parentContext) {
      for (const processor of processors) processor.onStart(span, parentContext);
    },
    onEnding(span) {
      for (const processor of processors) processor.onEnding?.(span);
    },
    onEnd: tellEnd,
    forceFlush: () => caughtUp((processor) => processor.forceFlush()),
    shutdown: () => caughtUp((processor) => processor.shutdown()),
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function redactSpan(ended: ReadableSpan, redactor: Redactor): void {
  const span = ended as Writable<ReadableSpan>;
  const name = redactor.text(span.name);
  if (name !== span.name) span.name = name;
  redactInPlace(span.attributes, redactor);
  for (const event of span.events as Writable<TimedEvent>[]) {
    if (!OWN_EVENTS.has(event.name)) event.name = redactor.text(event.name);
    if (event.attributes) redactInPlace(event.attributes, redactor);
  }
  for (const link of span.links as Writable<Link>[]) {
    if (link.attributes) redactInPlace(link.attributes, redactor);
    // The context is that of another span, which keeps it.
    if (isForeignState(link.context, redactor)) link.context = withoutState(link.context);
  }
  const { message } = span.status;
  if (message) span.status = { ...span.status, message: safeMessage(message, redactor) };
  dropForeignState(span, redactor);
}

/** A status says what an exception says. */
function safeMessage(message: string, redactor: Redactor): string {
  const { [Attr.exceptionMessage]: safe } = redactor.attributes({ [Attr.exceptionMessage]: message });
  return String(safe);
}

function dropForeignState(span: ReadableSpan, redactor: Redactor): void {
  if (isForeignState(span.spanContext(), redactor)) delete span.spanContext().traceState;
}

/** `tracestate` comes with a stranger's request and goes out with the span, and with those that are linked to it. */
function isForeignState({ traceState }: SpanContext, redactor: Redactor): boolean {
  if (!traceState) return false;
  const text = traceState.serialize();
  return redactor.text(text) !== text;
}

function withoutState({ traceState: _, ...context }: SpanContext): SpanContext {
  return context;
}
