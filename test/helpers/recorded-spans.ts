import { context, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { SpanName } from 'callspan/conventions';
import { createCallStamp } from '../../otel/src/sdk/span-processors.ts';

/** A tracer whose finished spans can be looked at, and the context manager that carries them through async code. */
export type SpanRecorder = {
  readonly tracer: Tracer;
  /** Finished spans in the order of their ends; `event_loop.blocked` only where it was asked for. */
  spans(): ReadableSpan[];
  named(name: string): ReadableSpan;
  /** Names of the spans that were started and have not ended. */
  open(): string[];
  /** Resolves with the first span of that name when it has ended. */
  ended(name: string): Promise<ReadableSpan>;
  close(): Promise<void>;
};

/** `blockedLoop`: keep `event_loop.blocked`, which a busy machine draws on any call. */
export function startSpanRecorder({ blockedLoop = false } = {}): SpanRecorder {
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  const exporter = new InMemorySpanExporter();
  const finished = () =>
    exporter.getFinishedSpans().filter(({ name }) => blockedLoop || name !== SpanName.eventLoopBlocked);
  const open = new Map<string, string>();
  const census: SpanProcessor = {
    onStart: (span) => void open.set(span.spanContext().spanId, span.name),
    onEnd: (span) => void open.delete(span.spanContext().spanId),
    forceFlush: async () => undefined,
    shutdown: async () => undefined,
  };
  const spanProcessors = [census, createCallStamp(), new SimpleSpanProcessor({ exporter })];
  const provider = new TracerProvider({ spanProcessors });
  return {
    tracer: provider.getTracer('test'),
    open: () => [...open.values()],
    spans: finished,
    named(name) {
      const found = finished().filter((span) => span.name === name);
      if (found.length !== 1 || !found[0]) throw new Error(`${found.length} spans named ${name}`);
      return found[0];
    },
    async ended(name) {
      for (;;) {
        const span = finished().find((candidate) => candidate.name === name);
        if (span) return span;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async close() {
      await provider.shutdown();
      context.disable();
    },
  };
}

/** Milliseconds between start and end of a span. */
export function durationMs(span: ReadableSpan): number {
  const at = ([seconds, nanoseconds]: readonly [number, number]) => seconds * 1000 + nanoseconds / 1e6;
  return at(span.endTime) - at(span.startTime);
}
