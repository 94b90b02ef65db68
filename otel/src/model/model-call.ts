import {
  type Attributes,
  type Context,
  createContextKey,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from '@opentelemetry/api';
import { Attr, ErrorType, type ErrorTypeName, SpanEvent, SpanName } from '../conventions/index.ts';
import { errorTypeOf } from '../error-type.ts';
import type { CallSpan } from '../open-spans.ts';

/** One HTTP request of a model call, as the traced fetch saw it. Times are epoch milliseconds. */
type Attempt = { readonly startedAt: number; endedAt?: number; status?: number; failure?: ErrorTypeName };

/** What a response told about itself; absent fields were not told. */
export type ModelFacts = {
  readonly responseModel?: string;
  readonly finishReasons?: readonly string[];
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly cachedTokens?: number;
  readonly reasoningTokens?: number;
};

/**
 * A model call in progress: one CLIENT span over all its attempts. The traced fetch finds it in the active context
 * and writes on it; a retry turns the attempts into `model.attempt` children.
 */
export type ModelCall = {
  readonly span: Span;
  /** Milliseconds from the first request to the first content, once there was one. */
  readonly firstChunkMs: number | undefined;
  /** A request goes out; the result takes its outcome. */
  startAttempt(): { answered(status: number, requestId: string | null): void; failed(error: unknown): void };
  /** The first content chunk arrived (once). */
  recordFirstChunk(): void;
  recordFacts(facts: ModelFacts): void;
};

const MODEL_CALL_KEY = createContextKey('callspan model call');

/** The model call that the code running in `context` is part of. */
export function modelCallOf(context: Context): ModelCall | undefined {
  return context.getValue(MODEL_CALL_KEY) as ModelCall | undefined;
}

/** Makes `callSpan` the model call of its context: run the request inside the returned context. */
export function withModelCall(tracer: Tracer, callSpan: CallSpan): { context: Context; call: ModelCall } {
  const call = createModelCall(tracer, callSpan.span, callSpan.context);
  return { call, context: callSpan.context.setValue(MODEL_CALL_KEY, call) };
}

function createModelCall(tracer: Tracer, span: Span, context: Context): ModelCall {
  const attempts: Attempt[] = [];
  const startedAt = Date.now();
  let firstChunkMs: number | undefined;
  const emit = (attempt: Attempt, index: number) =>
    recordAttempt(tracer, { attempt, index, context, previous: attempts[index - 1] });
  const finish = (attempt: Attempt) => {
    attempt.endedAt = Date.now();
    const index = attempts.indexOf(attempt);
    if (attempts.length > 1) emit(attempt, index);
  };
  return {
    span,
    get firstChunkMs() {
      return firstChunkMs;
    },
    startAttempt() {
      // One attempt needs no child; the second one makes the first worth showing.
      if (attempts.length === 1 && attempts[0]) emit(attempts[0], 0);
      const attempt: Attempt = { startedAt: Date.now() };
      attempts.push(attempt);
      return {
        answered(status, requestId) {
          attempt.status = status;
          if (requestId) span.setAttribute(Attr.providerRequestId, requestId);
          if (attempts.length > 1) span.setAttribute(Attr.httpResendCount, attempts.length - 1);
          finish(attempt);
        },
        failed(error) {
          attempt.failure = errorTypeOf(error);
          finish(attempt);
        },
      };
    },
    recordFirstChunk() {
      if (firstChunkMs !== undefined) return;
      firstChunkMs = Date.now() - startedAt;
      span.setAttribute(Attr.timeToFirstChunk, firstChunkMs / 1000);
      span.addEvent(SpanEvent.firstChunk);
    },
    recordFacts: (facts) => void span.setAttributes(factAttributes(facts)),
  };
}

function factAttributes(facts: ModelFacts): Attributes {
  const attributes: Attributes = {};
  if (facts.responseModel) attributes[Attr.responseModel] = facts.responseModel;
  if (facts.finishReasons?.length) attributes[Attr.finishReasons] = [...facts.finishReasons];
  if (facts.inputTokens !== undefined) attributes[Attr.inputTokens] = facts.inputTokens;
  if (facts.outputTokens !== undefined) attributes[Attr.outputTokens] = facts.outputTokens;
  if (facts.cachedTokens !== undefined) attributes[Attr.cachedTokens] = facts.cachedTokens;
  if (facts.reasoningTokens !== undefined) attributes[Attr.reasoningTokens] = facts.reasoningTokens;
  return attributes;
}

type AttemptRecord = { attempt: Attempt; index: number; context: Context; previous: Attempt | undefined };

function recordAttempt(tracer: Tracer, { attempt, index, context, previous }: AttemptRecord): void {
  const waitedMs = previous?.endedAt === undefined ? 0 : attempt.startedAt - previous.endedAt;
  const attributes: Attributes = {
    [Attr.httpResendCount]: index,
    [Attr.attemptWaitMs]: waitedMs,
    ...(attempt.status === undefined ? {} : { [Attr.httpStatusCode]: attempt.status }),
  };
  const span = tracer.startSpan(
    SpanName.modelAttempt,
    { kind: SpanKind.INTERNAL, startTime: attempt.startedAt, attributes },
    context,
  );
  const refused = attempt.status === 429 ? ErrorType.rateLimit : ErrorType.api;
  const failure = attempt.failure ?? ((attempt.status ?? 0) >= 400 ? refused : undefined);
  if (failure) span.setAttribute(Attr.errorType, failure);
  if (failure && failure !== ErrorType.cancelled) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(attempt.endedAt ?? Date.now());
}
