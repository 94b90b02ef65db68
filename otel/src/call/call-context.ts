import { type Context, context as contextApi, createContextKey, type Span, trace } from '@opentelemetry/api';
import { Attr } from '../conventions/index.ts';
import type { ModelTools } from '../model/model-tools.ts';
import type { CallSpan, SpanRequest } from './call-span.ts';

/** The call behind a context, as far as code that runs in it may use it. */
export type ActiveCall = {
  readonly callSid: string;
  /** Starts a span below `parent`; it cannot outlive the call. */
  startSpanIn(request: SpanRequest, parent: Context): CallSpan;
  /** What its model calls write with. */
  readonly models: ModelTools;
  /** Its spans are closed: what starts from now on is its own, below what it runs in. */
  isEnded(): boolean;
  /** Somebody else traces this call: what runs in its contexts belongs to none. */
  isDiscarded(): boolean;
};

/** What every span of a call carries: which call, and which turn when there is one. */
export type CallRef = {
  readonly callSid: string;
  /** Where the call's media stream is known. */
  readonly streamSid?: string | undefined;
  readonly turnIndex?: number | undefined;
  /** Only while the call is traced by this process. */
  readonly call?: ActiveCall | undefined;
};

const CALL_KEY = createContextKey('callspan call');

/** `context` in which spans belong to `ref`. */
export function withCallRef(context: Context, ref: CallRef): Context {
  return context.setValue(CALL_KEY, ref);
}

/** The call that `context` belongs to, or undefined outside calls. */
export function callRefOf(context: Context): CallRef | undefined {
  const ref = context.getValue(CALL_KEY) as CallRef | undefined;
  return ref?.call?.isDiscarded() ? undefined : ref;
}

/** The call that a span started in `context` is one of; undefined outside calls, and when the call has ended. */
export function openCallOf(context: Context): ActiveCall | undefined {
  const call = callRefOf(context)?.call;
  return call?.isEnded() ? undefined : call;
}

/**
 * Runs work of another service for a call: the active span, and every span that `work` starts, carry the call's id.
 * For services that a bot calls, which know the call from their request.
 */
export function runForCall<T>(callSid: string, work: () => T): T {
  const active = contextApi.active();
  trace.getSpan(active)?.setAttribute(Attr.conversationId, callSid);
  return contextApi.with(withCallRef(active, { callSid }), work);
}

/**
 * W3C traceparent of a span (https://www.w3.org/TR/trace-context/#traceparent-header). Empty without a span: a bot whose
 * telemetry is off has no active one, and answers its webhooks all the same.
 */
export function traceparentOf(span: Span | undefined): string {
  if (!span) return '';
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;
}

/** `context` with the remote parent that `traceparent` names; `context` itself when it is missing or not a traceparent. */
export function withTraceparent(context: Context, traceparent: string | null | undefined): Context {
  // From plain JavaScript anything may come.
  const text = typeof traceparent === 'string' ? traceparent : '';
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text);
  const [, traceId, spanId, flags] = match ?? [];
  if (!traceId || !spanId || !flags) return context;
  return trace.setSpanContext(context, { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true });
}
