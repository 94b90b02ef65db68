import type { EventEmitter } from 'node:events';
import type { Attributes, Context, Tracer } from '@opentelemetry/api';
import type { CallEndReason, CallOutcome } from '../conventions/index.ts';
import type { CostTools } from '../cost/ledger.ts';
import type { Instruments } from '../instruments.ts';
import type { KitLog } from '../logs/kit-log.ts';
import type { Problems } from '../logs/problems.ts';
import type { Measures } from '../measures/measures.ts';
import type { Dependencies } from '../metrics/dependencies.ts';
import type { Produced } from '../stages/run-in-span.ts';
import type { CallClock } from './call-clock.ts';
import type { CallSpan, SpanRequest } from './call-span.ts';
import type { StageLimit } from './limits.ts';
import type { CallObserver } from './observer.ts';
import type { TurnTrace } from './turn.ts';

/** What is known of a call when its media stream has been accepted. */
export type CallInfo = {
  readonly callSid: string;
  readonly streamSid: string;
  readonly accountSid: string;
  /** W3C traceparent of the webhook's span, so that webhook and stream are one trace. */
  readonly traceparent?: string | null | undefined;
  readonly direction?: 'inbound' | 'outbound' | undefined;
  readonly language?: string | undefined;
  readonly callerHash?: string | null | undefined;
  /** This caller (by hash) has called before. */
  readonly isReturning?: boolean | undefined;
  readonly agentName?: string | undefined;
};

/** How a call ended. `endedAtMs` is monotonic: the instant of stop, close or watchdog, even when wrapping up took longer. */
export type CallEnd = {
  readonly reason: CallEndReason;
  readonly outcome: CallOutcome;
  readonly endedAtMs?: number;
  readonly attributes?: Attributes;
};

/** The trace of one call. Every method is safe after the end: it then does nothing that could be seen. */
export type CallTrace = {
  readonly callSid: string;
  readonly streamSid: string;
  readonly traceId: string;
  readonly context: Context;
  readonly clock: CallClock;
  /** Spans that are open now, the call's own included. */
  readonly openSpans: number;
  /** The end has begun: nothing that starts from now on is seen. */
  readonly isEnded: boolean;
  /** The monotonic instant at which the call was accepted. */
  readonly startedAtMs: number;
  setAttributes(attributes: Attributes): void;
  addEvent(name: string, attributes?: Attributes): void;
  /** Lets `observer` see turns and stages from now on, until the call has ended. */
  observe(observer: CallObserver): void;
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
    produce: (span: CallSpan) => Produced<T>,
  ): AsyncGenerator<T>;
  /** A span over `work`, which passes results and errors through untouched. */
  run<T>(request: SpanRequest, turnIndex: number | undefined, work: (span: CallSpan) => Promise<T>): Promise<T>;
  /** A span over a stream, until its last item, its error or the consumer's stop. */
  stream<T>(
    request: SpanRequest,
    turnIndex: number | undefined,
    produce: (span: CallSpan) => Produced<T>,
  ): AsyncGenerator<T>;
  /** A function that runs in the call's context; or an emitter whose listeners, added from now on, do. */
  bind<T extends EventEmitter | ((...args: never[]) => unknown)>(target: T): T;
  /** Ends the call and everything still open in it, once. */
  end(end: CallEnd): void;
};

/** What every call of a kit shares. */
export type KitTools = Pick<CostTools, 'prices' | 'carrier'> & {
  /** Nobody will see anything of what is measured: `OTEL_SDK_DISABLED=true`, and no tracer of the user's own. */
  readonly isOff: boolean;
  readonly tracer: Tracer;
  readonly log: KitLog;
  readonly instruments: Instruments;
  readonly problems: Problems;
  readonly limits: readonly StageLimit[];
  readonly measures: Measures;
  readonly dependencies: Dependencies;
};
