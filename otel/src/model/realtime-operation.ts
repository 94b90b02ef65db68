import type { Attributes, Context } from '@opentelemetry/api';
import type { SpanRequest } from '../call/open-spans.ts';
import { Attr, ErrorType } from '../conventions/index.ts';
import { type Json, objectAt, textAt } from './answer-facts.ts';
import { type ModelCall, modelCallOf } from './model-call.ts';
import { type ModelKit, startOwnModelCall } from './model-span.ts';
import type { RealtimeSession } from './realtime-session.ts';
import { modelFailure } from './request-failure.ts';

/** A model call over a socket. Its span is ended here, unless a wrapped port made it: then the port ends it. */
export type RealtimeOperation = {
  readonly call: ModelCall;
  /** Monotonic milliseconds. */
  readonly startedAtMs: number;
  end(): void;
  fail(error: unknown): void;
  cancel(): void;
};

/** What an operation is; the name of its span follows from operation and model. */
export type OperationRequest = Required<Pick<SpanRequest, 'stage' | 'provider'>> & {
  readonly operation: string;
  readonly model: string | undefined;
  readonly attributes: Attributes;
  readonly startedAtMs: number;
};

/** What a socket is for: names the spans of its responses. */
export type RealtimePurpose = 'transcription' | 'speech' | 'conversation';

/** What the two kinds of work on a socket share. */
export type RealtimeParts = {
  readonly session: RealtimeSession;
  readonly purpose: RealtimePurpose;
  /** Sockets for the same purpose that this call had lost before. */
  readonly reconnects: number;
  /** Whether audio that is committed will be transcribed. */
  transcribes(): boolean;
  now(): number;
  /** Without `startedAtMs` the provider started the work, now. */
  start(request: Omit<OperationRequest, 'provider' | 'startedAtMs'> & { startedAtMs?: number }): RealtimeOperation;
};

/** Takes the model call of `context`, or starts one there. */
export function startOperation(kit: ModelKit, request: OperationRequest, context: Context): RealtimeOperation {
  const { operation, model, stage, provider, startedAtMs } = request;
  const attributes = { [Attr.operationName]: operation, ...request.attributes };
  const wrapped = modelCallOf(context);
  if (wrapped) {
    wrapped.complete(() => ({ [Attr.providerName]: provider, [Attr.requestModel]: model, ...attributes }));
    wrapped.setAttributes(request.attributes);
    return { call: wrapped, startedAtMs, end() {}, fail() {}, cancel() {} };
  }
  const name = model ? `${operation} ${model}` : operation;
  const spanRequest = { name, stage, provider, attributes, startedAtMs, ...(model ? { model } : {}) };
  const { callSpan, call } = startOwnModelCall(kit, spanRequest, context);
  return {
    call,
    startedAtMs,
    end: () => callSpan.end(),
    fail: (error) => callSpan.fail(error),
    cancel: () => callSpan.cancel(),
  };
}

/** The failure that an event tells of (`error` of the event, or of its `status_details`). Never its message. */
export function eventFailure(holder: Json | undefined): object {
  const error = objectAt(holder, 'error');
  const code = textAt(error, 'code') ?? textAt(error, 'type') ?? 'error';
  return modelFailure(code.startsWith('rate_limit') ? ErrorType.rateLimit : ErrorType.model, code);
}
