import type { EventEmitter } from 'node:events';
import {
  type Attributes,
  type Context,
  context as contextApi,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
} from '@opentelemetry/api';
import { Attr, type CallEndReason, Metric, SpanName } from '../conventions/index.ts';
import { createCostLedger } from '../cost/ledger.ts';
import { reportMisuse } from '../logs/misuse.ts';
import { narrateCall } from '../logs/narrator.ts';
import { withModelCall } from '../model/model-call.ts';
import type { ModelTools } from '../model/model-tools.ts';
import { type Produced, runInSpan, streamInSpan } from '../stages/run-in-span.ts';
import { guardAttributes } from './attribute-guard.ts';
import { bindToContext } from './bind-to-context.ts';
import type { CallEnd, CallInfo, CallTrace, KitTools } from './call.ts';
import { createCallClock } from './call-clock.ts';
import { type ActiveCall, type CallRef, withCallRef, withTraceparent } from './call-context.ts';
import { readCallEnd } from './call-end.ts';
import { callAttributes, countsOf, endLabels } from './call-facts.ts';
import type { CallSpan, SpanRequest } from './call-span.ts';
import { countErrors } from './count-errors.ts';
import { closeLater } from './late-ends.ts';
import { type LimitWatch, watchLimits } from './limits.ts';
import { type CallObserver, createObserverList } from './observer.ts';
import { createOpenSpans, instantOr, type OpenSpans } from './open-spans.ts';
import { startTurnTrace, type TurnState, type TurnTrace } from './turn.ts';

/** Starts the trace of a call; `onEnd` runs once, when it has ended. */
export function startCallTrace(tools: KitTools, info: CallInfo, onEnd: () => void): CallTrace {
  return new TracedCall(tools, info, onEnd);
}

/** Forgets a call that somebody else traces after all: nothing of what is open in it is told. */
export function discardCall(call: CallTrace): void {
  if (call instanceof TracedCall) call.discard();
}

class TracedCall implements CallTrace {
  readonly clock = createCallClock();
  readonly startedAtMs: number;
  readonly #tools: KitTools;
  readonly #info: CallInfo;
  readonly #onEnd: () => void;
  readonly #observers: ReturnType<typeof createObserverList>;
  readonly #open: OpenSpans;
  readonly #ref: CallRef;
  readonly #own: CallSpan;
  readonly #watch: LimitWatch;
  readonly #models: ModelTools;
  /** Every turn, also one whose number was used again; `#turns` has the last of each number. */
  readonly #allTurns: TurnState[] = [];
  readonly #turns = new Map<number, TurnState>();
  #cutValues = 0;
  /** The end has begun: observers may still write, nothing new counts. */
  #ended = false;
  #closed = false;
  #isDiscarded = false;

  constructor(tools: KitTools, info: CallInfo, onEnd: () => void) {
    this.#tools = tools;
    this.#info = info;
    this.#onEnd = onEnd;
    this.startedAtMs = this.clock.now();
    this.#observers = createObserverList((error) => tools.problems.report('observer_failed', this.context, error));
    this.#open = createOpenSpans({
      tracer: tools.tracer,
      clock: this.clock,
      tell: this.#observers.tell,
      onCut: (values) => this.#countCut(values),
    });
    const ledger = createCostLedger(tools, info.direction);
    this.#models = { tracer: tools.tracer, instruments: tools.instruments, clock: this.clock, ledger };
    const startSpanIn: ActiveCall['startSpanIn'] = (request, parent) => this.#open.start(request, parent);
    this.#ref = {
      callSid: info.callSid,
      streamSid: info.streamSid,
      call: {
        callSid: info.callSid,
        startSpanIn,
        models: this.#models,
        isEnded: () => this.#ended,
        isDiscarded: () => this.#isDiscarded,
      },
    };
    const parent = withCallRef(withTraceparent(ROOT_CONTEXT, info.traceparent), this.#ref);
    const request = { name: SpanName.call, attributes: callAttributes(info), startedAtMs: this.startedAtMs };
    this.#own = this.#open.start(request, parent);
    this.#watch = watchLimits(tools, this.clock.now);
    this.#observers.add(this.#watch);
    this.#observers.add(narrateCall(tools.log, this.context));
    this.#observers.add(countErrors(tools.instruments));
    const { callSid, streamSid } = info;
    this.#observers.add(tools.measures.observe({ callSid, streamSid, traceId: this.traceId }));
    tools.instruments.record(Metric.callActive, 1);
  }

  get callSid(): string {
    return this.#info.callSid;
  }

  get streamSid(): string {
    return this.#info.streamSid;
  }

  get traceId(): string {
    return this.#own.span.spanContext().traceId;
  }

  get context(): Context {
    return this.#own.context;
  }

  get openSpans(): number {
    return this.#open.size;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  setAttributes(attributes: Attributes): void {
    if (!this.#closed) this.#write(attributes);
  }

  addEvent(name: string, attributes: Attributes = {}): void {
    if (!this.#closed) this.#own.span.addEvent(name, this.#guard(attributes));
  }

  observe(observer: CallObserver): void {
    this.#observers.add(observer);
  }

  startTurn(index: number, startedAtMs?: number): TurnTrace {
    const tools = {
      open: this.#open,
      now: this.clock.now,
      tell: this.#observers.tell,
      guard: (attributes: Attributes) => this.#guard(attributes),
      onEnd: (turn: TurnState) => this.#countTurn(turn),
      misused: (kind: string, error: TypeError) => this.#misused(kind, error),
    };
    const { agentName } = this.#info;
    const info = {
      ref: this.#ref,
      index,
      parent: this.#own,
      agentName,
      startedAtMs: instantOr(startedAtMs, this.clock.now),
    };
    const turn = startTurnTrace(tools, { ...info, isAfterEnd: this.#ended });
    if (!this.#ended) {
      this.#turns.set(index, turn);
      this.#allTurns.push(turn);
    }
    return turn.trace;
  }

  contextOf(turnIndex?: number): Context {
    return this.#turns.get(turnIndex ?? -1)?.trace.context ?? this.context;
  }

  startSpan(request: SpanRequest, turnIndex?: number): CallSpan {
    return this.#open.start(request, this.contextOf(turnIndex));
  }

  run<T>(request: SpanRequest, turnIndex: number | undefined, work: (span: CallSpan) => Promise<T>): Promise<T> {
    return runInSpan(this.startSpan(request, turnIndex), work);
  }

  stream<T>(
    request: SpanRequest,
    turnIndex: number | undefined,
    produce: (span: CallSpan) => Produced<T>,
  ): AsyncGenerator<T> {
    return streamInSpan(this.startSpan(request, turnIndex), produce);
  }

  runModel<T>(request: SpanRequest, turnIndex: number | undefined, work: (span: CallSpan) => Promise<T>): Promise<T> {
    const callSpan = this.startSpan({ kind: SpanKind.CLIENT, ...request }, turnIndex);
    return runInSpan(callSpan, work, this.#modelContext(callSpan, request));
  }

  streamModel<T>(
    request: SpanRequest,
    turnIndex: number | undefined,
    produce: (span: CallSpan) => Produced<T>,
  ): AsyncGenerator<T> {
    const callSpan = this.startSpan({ kind: SpanKind.CLIENT, ...request }, turnIndex);
    return streamInSpan(callSpan, produce, this.#modelContext(callSpan, request));
  }

  /** With telemetry off nobody looks for the model call. */
  #modelContext(callSpan: CallSpan, request: SpanRequest): Context {
    return this.#tools.isOff ? callSpan.context : withModelCall(this.#models, callSpan, request).context;
  }

  bind<T extends EventEmitter | ((...args: never[]) => unknown)>(target: T): T {
    return typeof target === 'function'
      ? bindToContext(this.context, target as T & ((...args: never[]) => unknown))
      : contextApi.bind(this.context, target);
  }

  end(told: CallEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    const { end, error } = readCallEnd(told);
    if (error) this.#misused('bad_call_end', error);
    const { reason, outcome, endedAtMs: toldMs, attributes = {} } = end;
    const endedAtMs = instantOr(toldMs, this.clock.now);
    for (const turn of this.#allTurns) turn.close('session_closed', endedAtMs);
    this.#observers.tell((observer) => observer.callEnding?.(endedAtMs));
    this.#write(countsOf(this.#allTurns, endedAtMs - this.startedAtMs));
    this.#write(attributes);
    this.#write({ [Attr.callEndReason]: reason, [Attr.callOutcome]: outcome });
    this.#closeSpans(endedAtMs, reason);
    this.#closed = true;
    const { instruments } = this.#tools;
    instruments.record(Metric.callActive, -1);
    instruments.record(Metric.callCount, 1, endLabels(this.#info, { reason, outcome }));
    this.#onEnd();
  }

  discard(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#closed = true;
    this.#isDiscarded = true;
    this.#open.discard();
    this.#tools.instruments.record(Metric.callActive, -1);
    this.#onEnd();
  }

  /**
   * Ends every span, at once. Where an answer of a model is on its way whose usage the call's cost needs, that answer, what
   * it is a child of and the call's own span are ended when it has come, or two seconds later.
   */
  #closeSpans(endedAtMs: number, reason: CallEndReason): void {
    const { late, spared } = this.#open.close();
    // Who shuts down does not wait.
    if (late.length === 0 || reason === 'shutdown') {
      this.#endSpans(endedAtMs);
      return;
    }
    this.#endSpans(endedAtMs, new Set([...spared, this.#own.span]));
    const close = closeLater(() => this.#endSpans(endedAtMs));
    let open = late.length;
    for (const callSpan of late) {
      callSpan.onEnding(() => {
        open -= 1;
        // What the answer is a child of may end by itself with it.
        if (open === 0) setImmediate(close);
      });
    }
  }

  #endSpans(endedAtMs: number, spared?: ReadonlySet<Span>): void {
    const turnSpans = new Set(this.#allTurns.map((turn) => turn.span));
    this.#open.endAll((callSpan) => {
      // The call's own span ends last: by then every stage has told its cost and its breach.
      if (callSpan.span === this.#own.span) this.#writeSums(endedAtMs);
      // Work that outlasts the hang-up took as long as it took; the call and its turns ended with it.
      if (callSpan.span === this.#own.span || turnSpans.has(callSpan.span)) callSpan.end(endedAtMs);
      else callSpan.cancel(Math.max(endedAtMs, this.clock.now()));
    }, spared);
  }

  #writeSums(endedAtMs: number): void {
    this.#write({
      ...this.#models.ledger.close(Math.max(0, endedAtMs - this.startedAtMs)),
      [Attr.callBreachesWarning]: this.#watch.warnings,
      [Attr.callBreachesCritical]: this.#watch.criticals,
    });
    if (this.#cutValues > 0) this.#write({ [Attr.attributesCut]: this.#cutValues });
  }

  #write(attributes: Attributes): void {
    this.#own.span.setAttributes(this.#guard(attributes));
  }

  #countTurn({ endReason, criticalSegment }: TurnState): void {
    const labels = { [Attr.turnEndReason]: endReason ?? '', [Attr.criticalSegment]: criticalSegment };
    this.#tools.instruments.record(Metric.turnCount, 1, labels);
  }

  #guard(attributes: Attributes): Attributes {
    return guardAttributes(attributes, (values) => this.#countCut(values));
  }

  #misused(kind: string, error: TypeError): void {
    reportMisuse(this.#tools.problems, { kind, context: this.context, error });
  }

  #countCut(values: number): void {
    this.#cutValues += values;
  }
}
