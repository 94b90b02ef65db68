import type { Attributes, Context, Span, SpanKind } from '@opentelemetry/api';
import type { ErrorTypeName, StageName } from '../conventions/index.ts';

/** A span to start. `startedAtMs` is monotonic (see CallClock); default now. */
export type SpanRequest = {
  readonly name: string;
  readonly stage?: StageName;
  readonly kind?: SpanKind;
  /** `gen_ai.provider.name`; also chooses the provider's own limit. */
  readonly provider?: string;
  /** `gen_ai.request.model` */
  readonly model?: string;
  readonly attributes?: Attributes;
  readonly startedAtMs?: number;
};

/** Told once, while the span can still be written on. `endedAtMs` is monotonic. */
export type EndingListener = (endedAtMs: number, failure: ErrorTypeName | undefined) => void;

/** A span of a call whose end is certain: by `end`, or by the end of its call. */
export type CallSpan = {
  readonly span: Span;
  /** The context in which work of this span runs. */
  readonly context: Context;
  /** The first token or byte came; the first call counts. */
  recordFirstOutput(atMs?: number): void;
  /** Ends the span once; later calls do nothing. `endedAtMs` is monotonic, default now. */
  end(endedAtMs?: number): void;
  /** Lets `listener` add to the span right before it ends, whoever ends it. */
  onEnding(listener: EndingListener): void;
  /**
   * Asked when its call ends while the span is open. `true`: it may go on for a moment, because what it waits for is on
   * its way. `listener` may end the span itself instead.
   */
  whenCallEnds(listener: () => boolean): void;
  /** Ends the span as failed (or cancelled, which is no failure). `endedAtMs` is monotonic, default now. */
  fail(error: unknown, endedAtMs?: number): void;
  /** Ends the span as given up: `error.type` cancelled, no error status. */
  cancel(endedAtMs?: number): void;
};
