import type { EventEmitter } from 'node:events';
import {
  type Attributes,
  type Context,
  context as contextApi,
  ROOT_CONTEXT,
  SpanKind,
  type Tracer,
} from '@opentelemetry/api';
import { type CallClock, createCallClock } from './call-clock.ts';
import { withCallRef, withTraceparent } from './call-context.ts';
import {
  Attr,
  type CallEndReason,
  type CallOutcome,
  ErrorType,
  SpanName,
  type TurnEndReason,
} from './conventions/index.ts';
import { recordFailure } from './error-type.ts';
import { withModelCall } from './model/model-call.ts';
import {
  type CallSpan,
  createOpenSpans,
  type OpenSpans,
  runInSpan,
  type SpanRequest,
  streamInSpan,
} from './open-spans.ts';

/** What is known of a call when its media stream has been accepted. */
export type CallInfo = {
  readonly callSid: string;
  readonly streamSid: string;
  readonly accountSid: string;
  /** W3C traceparent of the webhook's span, so that webhook and stream are one trace. */
  readonly traceparent?: string | null;
  readonly direction?: 'inbound' | 'outbound';
  readonly language?: string;
  readonly callerHash?: string | null;
  readonly agentName?: string;
};

/** How a call ended. `endedAtMs` is monotonic: the instant of stop, close or watchdog, even when wrapping up took longer. */
export type CallEnd = {
  readonly reason: CallEndReason;
  readonly outcome: CallOutcome;
  readonly endedAtMs?: number;
  readonly attributes?: Attributes;
};

/** One turn of a call: an exchange that starts with the caller's speech (or, turn 0, with the greeting). */
export type TurnTrace = {
  readonly index: number;
  readonly context: Context;
  setAttributes(attributes: Attributes): void;
  /** The turn failed for a reason that no stage of it shows. */
  recordFailure(error: unknown): void;
  /** Ends the turn once. `endedAtMs`: when its last sound was heard, or cleared. */
  end(reason: TurnEndReason, endedAtMs?: number): void;
};

/** The trace of one call. Every method is safe after the end: it then does nothing that could be seen. */
export type CallTrace = {
  readonly callSid: string;
  readonly traceId: string;
  readonly context: Context;
  readonly clock: CallClock;
  /** Spans that are open now, the call's own included. */
  readonly openSpans: number;
  setAttributes(attributes: Attributes): void;
  addEvent(name: string, attributes?: Attributes): void;
  startTurn(index: number, startedAtMs?: number): TurnTrace;
  /** The context of a turn that is or was open; the call's own for an unknown index. */
  contextOf(turnIndex?: number): Context;
  /** Starts a span under a turn, or under the call. */
  startSpan(request: SpanRequest, turnIndex?: number): CallSpan;
  /** A span over a model call that answers once: the traced fetch finds it and writes on it. */
  runModel<T>(request: SpanRequest, turnIndex: number | undefined, work: (span: CallSpan) => Promise<T>): Promise<T>;
  /** The same for a model call that streams. */
  streamModel<T>(
    request: SpanRequest,
    turnIndex: number | undefined,
    produce: (span: CallSpan) => AsyncIterable<T>,
  ): AsyncGenerator<T>;
  /** A span over `work`, which passes results and errors through untouched. */
  run<T>(request: SpanRequest, turnIndex: number | undefined, work: (span: CallSpan) => Promise<T>): Promise<T>;
  /** A span over a stream, until its last item, its error or the consumer's stop. */
  stream<T>(
    request: SpanRequest,
    turnIndex: number | undefined,
    produce: (span: CallSpan) => AsyncIterable<T>,
  ): AsyncGenerator<T>;
  /** A function that runs in the call's context; or an emitter whose listeners, added from now on, do. */
  bind<T extends EventEmitter | ((...args: never[]) => unknown)>(target: T): T;
  /** Ends the call and everything still open in it, once. */
  end(end: CallEnd): void;
};

/** Starts the trace of a call; `onEnd` runs once, when it has ended. */
export function startCallTrace(tracer: Tracer, info: CallInfo, onEnd: () => void): CallTrace {
  const clock = createCallClock();
  const open = createOpenSpans(tracer, clock);
  const parent = withCallRef(withTraceparent(ROOT_CONTEXT, info.traceparent), { callSid: info.callSid });
  const own = open.start({ name: SpanName.call, attributes: callAttributes(info) }, parent);
  const turns = new Map<number, { trace: TurnTrace; span: CallSpan }>();
  const contextOf = (turnIndex?: number) => turns.get(turnIndex ?? -1)?.trace.context ?? own.context;
  let ended = false;

  return {
    callSid: info.callSid,
    traceId: own.span.spanContext().traceId,
    context: own.context,
    clock,
    get openSpans() {
      return open.size;
    },
    setAttributes: (attributes) => void own.span.setAttributes(attributes),
    addEvent: (name, attributes) => void own.span.addEvent(name, attributes),
    contextOf,
    startTurn(index, startedAtMs) {
      const turn = startTurnTrace(
        open,
        { callSid: info.callSid, index, parent: own.context, agentName: info.agentName },
        startedAtMs,
      );
      turns.set(index, turn);
      return turn.trace;
    },
    startSpan: (request, turnIndex) => open.start(request, contextOf(turnIndex)),
    run: (request, turnIndex, work) => runInSpan(open.start(request, contextOf(turnIndex)), work),
    runModel(request, turnIndex, work) {
      const callSpan = open.start({ kind: SpanKind.CLIENT, ...request }, contextOf(turnIndex));
      return runInSpan(callSpan, () => contextApi.with(withModelCall(tracer, callSpan).context, () => work(callSpan)));
    },
    streamModel(request, turnIndex, produce) {
      const callSpan = open.start({ kind: SpanKind.CLIENT, ...request }, contextOf(turnIndex));
      return streamInSpan(callSpan, produce, withModelCall(tracer, callSpan).context);
    },
    stream: (request, turnIndex, produce) => streamInSpan(open.start(request, contextOf(turnIndex)), produce),
    bind: (target) => contextApi.bind(own.context, target),
    end({ reason, outcome, endedAtMs = clock.now(), attributes = {} }) {
      if (ended) return;
      ended = true;
      own.span.setAttributes({ ...attributes, [Attr.callEndReason]: reason, [Attr.callOutcome]: outcome });
      const turnSpans = new Set([...turns.values()].map((turn) => turn.span.span));
      open.endAll((span) => {
        // Work that outlasts the hang-up took as long as it took; the call and its turns ended with it.
        const isWork = span !== own.span && !turnSpans.has(span);
        if (isWork) span.setAttribute(Attr.errorType, ErrorType.cancelled);
        else if (span !== own.span) span.setAttribute(Attr.turnEndReason, 'session_closed' satisfies TurnEndReason);
        return isWork ? Math.max(endedAtMs, clock.now()) : endedAtMs;
      });
      onEnd();
    },
  };
}

type TurnInfo = {
  readonly callSid: string;
  readonly index: number;
  readonly parent: Context;
  readonly agentName: string | undefined;
};

function startTurnTrace(open: OpenSpans, info: TurnInfo, startedAtMs?: number): { trace: TurnTrace; span: CallSpan } {
  const context = withCallRef(info.parent, { callSid: info.callSid, turnIndex: info.index });
  const attributes = {
    [Attr.operationName]: 'invoke_agent',
    ...(info.agentName ? { [Attr.agentName]: info.agentName } : {}),
  };
  const span = open.start(
    { name: SpanName.turn, attributes, ...(startedAtMs === undefined ? {} : { startedAtMs }) },
    context,
  );
  let ended = false;
  const trace: TurnTrace = {
    index: info.index,
    context: span.context,
    setAttributes: (values) => void span.span.setAttributes(values),
    recordFailure: (error) => recordFailure(span.span, error),
    end(reason, endedAtMs) {
      if (ended) return;
      ended = true;
      span.span.setAttribute(Attr.turnEndReason, reason);
      span.end(endedAtMs);
    },
  };
  return { trace, span };
}

function callAttributes(info: CallInfo): Attributes {
  return {
    [Attr.callSid]: info.callSid,
    [Attr.streamSid]: info.streamSid,
    [Attr.accountSid]: info.accountSid,
    [Attr.callDirection]: info.direction ?? 'inbound',
    ...(info.language ? { [Attr.callLanguage]: info.language } : {}),
    ...(info.callerHash ? { [Attr.callerHash]: info.callerHash } : {}),
  };
}
