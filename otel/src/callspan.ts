import { type Attributes, type Context, ROOT_CONTEXT, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { type CallInfo, type CallTrace, startCallTrace } from './call.ts';
import { withCallRef, withTraceparent } from './call-context.ts';
import { Attr, type CallEndReason, type CallOutcome, SCOPE_NAME, SpanName } from './conventions/index.ts';

/** A media stream that was refused: why, and the little that is certain about it. */
export type RejectedStream = {
  /** Closed, low-cardinality: for example `token_missing`, `token_forged`, `token_expired`, `token_used`. */
  readonly reason: string;
  /** Only when the token proved it. */
  readonly traceparent?: string | null;
  readonly attributes?: Attributes;
};

/** The kit, bound to one tracer: starts calls and knows the ones that are going on. */
export type Callspan = {
  readonly tracer: Tracer;
  startCall(info: CallInfo): CallTrace;
  /** The call that is going on under this id. */
  findCall(callSid: string): CallTrace | undefined;
  readonly openCalls: number;
  /** A refused stream gets a trace of its own, linked to the webhook where the token proved one. */
  recordRejectedStream(rejected: RejectedStream): void;
  /** Ends every call, for example at SIGTERM. */
  endAll(reason: CallEndReason, outcome: CallOutcome): void;
  /** The context in which work for a call runs outside its listeners (outbox): below `traceparent` when there is one. */
  contextFor(callSid: string, traceparent?: string | null): Context;
};

/** Makes the kit. Pass a `tracer` in tests; default is the one of the SDK that the preload started. */
export function createCallspan(options: { readonly tracer?: Tracer } = {}): Callspan {
  const tracer = options.tracer ?? trace.getTracer(SCOPE_NAME);
  const calls = new Map<string, CallTrace>();
  return {
    tracer,
    get openCalls() {
      return calls.size;
    },
    startCall(info) {
      const call: CallTrace = startCallTrace(tracer, info, () => {
        if (calls.get(info.callSid) === call) calls.delete(info.callSid);
      });
      calls.set(info.callSid, call);
      return call;
    },
    findCall: (callSid) => calls.get(callSid),
    recordRejectedStream({ reason, traceparent, attributes }) {
      const webhook = trace.getSpanContext(withTraceparent(ROOT_CONTEXT, traceparent));
      const links = webhook ? [{ context: webhook }] : [];
      const span = tracer.startSpan(
        SpanName.callRejected,
        { kind: SpanKind.INTERNAL, links, attributes: { ...attributes, [Attr.rejectReason]: reason } },
        ROOT_CONTEXT,
      );
      span.end();
    },
    endAll(reason, outcome) {
      for (const call of [...calls.values()]) call.end({ reason, outcome });
    },
    contextFor: (callSid, traceparent) =>
      withCallRef(withTraceparent(calls.get(callSid)?.context ?? ROOT_CONTEXT, traceparent), { callSid }),
  };
}
