import {
  type Attributes,
  type Context,
  INVALID_SPAN_CONTEXT,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { Attr, ErrorType, type ErrorTypeName } from '../conventions/index.ts';
import { errorTypeOf, recordFailure } from '../error-type.ts';
import { warnQuietly } from '../quiet-warning.ts';
import { guardAttributes } from './attribute-guard.ts';
import type { CallClock } from './call-clock.ts';
import { callRefOf } from './call-context.ts';
import type { CallSpan, EndingListener, SpanRequest } from './call-span.ts';
import type { CallObserver, OpenStage } from './observer.ts';

export type { CallSpan, SpanRequest } from './call-span.ts';

/** The spans of one call that are open now. */
export type OpenSpans = {
  readonly size: number;
  start(request: SpanRequest, parent: Context): CallSpan;
  /**
   * Lets nothing start any more, and tells which open spans may go on for a moment (see `whenCallEnds`).
   */
  close(): LateSpans;
  /** Lets `endSpan` end every open span but those of `spared`, youngest first: children end before their parents. */
  endAll(endSpan: (span: CallSpan) => void, spared?: ReadonlySet<Span>): void;
  /** Forgets every open span: nobody hears of it, and what is started below it begins a trace of its own. */
  discard(): void;
};

/** Spans that outlast their call a little: `spared` holds them and what they are children of. */
export type LateSpans = { readonly late: readonly CallSpan[]; readonly spared: ReadonlySet<Span> };

/** Tells the observers of a call. */
export type Telling = (telling: (observer: CallObserver) => void) => void;

/** What a register needs; `tell` hears of stages, `onCut` of attribute values that were cut or left out. */
export type OpenSpansOptions = {
  readonly tracer: Tracer;
  readonly clock: CallClock;
  readonly tell?: Telling;
  readonly onCut?: (values: number) => void;
};

/** The register of one call's open spans: nothing started through it can be left open. */
export function createOpenSpans({ tracer, clock, tell = () => {}, onCut = () => {} }: OpenSpansOptions): OpenSpans {
  const open: Register = new Map();
  const tools: Required<OpenSpansOptions> = { tracer, clock, tell, onCut };
  let closed = false;
  return {
    get size() {
      return open.size;
    },
    // After the end nothing may be opened that nobody would close.
    start: (request, parent) => (closed ? closedSpan(parent) : openSpan(tools, open, { request, parent })),
    close() {
      closed = true;
      const late = findLate(open);
      return { late, spared: withParents(open, late) };
    },
    endAll(endSpan, spared) {
      closed = true;
      for (const { callSpan } of [...open.values()].reverse()) if (!spared?.has(callSpan.span)) endSpan(callSpan);
    },
    discard() {
      closed = true;
      for (const span of open.keys()) {
        Object.assign(span, { spanContext: () => INVALID_SPAN_CONTEXT, isRecording: () => false, end() {} });
      }
      open.clear();
    },
  };
}

type Register = Map<Span, { readonly callSpan: CallSpan; readonly parent: Context; readonly asked: (() => boolean)[] }>;

/** Whoever is asked may end spans. */
function findLate(open: Register): CallSpan[] {
  return [...open].flatMap(([span, { callSpan, asked }]) => {
    const answers = asked.map((ask) => runEnding(ask));
    return open.has(span) && answers.includes(true) ? [callSpan] : [];
  });
}

function withParents(open: Register, late: readonly CallSpan[]): ReadonlySet<Span> {
  const all = new Set<Span>();
  for (const callSpan of late) {
    let span: Span | undefined = callSpan.span;
    while (span && !all.has(span)) {
      const entry = open.get(span);
      if (entry) all.add(span);
      span = entry && trace.getSpan(entry.parent);
    }
  }
  return all;
}

type Opening = { readonly request: SpanRequest; readonly parent: Context };

function openSpan(tools: Required<OpenSpansOptions>, open: Register, { request, parent }: Opening): CallSpan {
  const { tracer, clock, tell, onCut } = tools;
  const startedAtMs = instantOr(request.startedAtMs, clock.now);
  const startTime = clock.wallTimeOf(startedAtMs);
  const kind = request.kind ?? SpanKind.INTERNAL;
  const attributes = attributesOf(request, onCut);
  const span = tracer.startSpan(request.name, { kind, startTime, attributes }, parent);
  const context = trace.setSpan(parent, span);
  const stage = stageOf(request, { span, context, startedAtMs, attributes });
  const endings: EndingListener[] = [];
  const asked: (() => boolean)[] = [];
  let hasOutput = false;
  let failure: ErrorTypeName | undefined;
  let thrown: unknown;
  const callSpan: CallSpan = {
    span,
    context,
    recordFirstOutput(atMs) {
      if (hasOutput || !open.has(span)) return;
      hasOutput = true;
      const outputMs = instantOr(atMs, clock.now);
      if (stage) tell((observer) => observer.stageFirstOutput?.(stage, outputMs));
    },
    onEnding(listener) {
      if (open.has(span)) endings.push(listener);
    },
    whenCallEnds(listener) {
      if (open.has(span)) asked.push(listener);
    },
    end(endedAtMs) {
      if (!open.delete(span)) return;
      const endMs = Math.max(instantOr(endedAtMs, clock.now), startedAtMs);
      for (const listener of endings) runEnding(() => listener(endMs, failure));
      if (stage) tell((observer) => observer.stageEnding?.(stage, endMs, failure, thrown));
      span.end(clock.wallTimeOf(endMs));
    },
    fail(error, endedAtMs) {
      if (!open.has(span)) return;
      failure = errorTypeOf(error);
      thrown = error;
      recordFailure(span, error);
      callSpan.end(endedAtMs);
    },
    cancel(endedAtMs) {
      if (!open.has(span)) return;
      failure = ErrorType.cancelled;
      span.setAttribute(Attr.errorType, ErrorType.cancelled);
      callSpan.end(endedAtMs);
    },
  };
  open.set(span, { callSpan, parent, asked });
  if (stage) tell((observer) => observer.stageStarted?.(stage));
  return callSpan;
}

/** Nothing is told so long before it happens (milliseconds): a later instant is one of another clock. */
const FAR_AHEAD_MS = 3_600_000;

/** A monotonic instant that was told; now when it is none: a NaN, or an instant of another clock such as `Date.now()`. */
export function instantOr(toldMs: number | undefined, now: () => number): number {
  if (toldMs === undefined || !Number.isFinite(toldMs)) return now();
  const nowMs = now();
  if (toldMs <= nowMs + FAR_AHEAD_MS) return toldMs;
  warnQuietly('a time was told that is hours ahead; expected milliseconds of performance.now(), not of Date.now()');
  return nowMs;
}

function runEnding<T>(listener: () => T): T | undefined {
  try {
    return listener();
  } catch (error) {
    warnQuietly('what a span measured could not be added up at its end', String(error));
    return undefined;
  }
}

function attributesOf(
  { stage, provider, model, attributes }: SpanRequest,
  onCut: (values: number) => void,
): Attributes {
  const own: Attributes = {};
  if (stage) own[Attr.stage] = stage;
  if (provider) own[Attr.providerName] = provider;
  if (model) own[Attr.requestModel] = model;
  const guarded = guardAttributes(own, onCut);
  return attributes ? Object.assign(guarded, guardAttributes(attributes, onCut)) : guarded;
}

type Opened = Pick<OpenStage, 'span' | 'context' | 'startedAtMs'> & { readonly attributes: Attributes };

function stageOf({ name, stage }: SpanRequest, opened: Opened): OpenStage | undefined {
  if (!stage) return undefined;
  const { span, context, startedAtMs, attributes } = opened;
  const provider = textAt(attributes, Attr.providerName);
  const model = textAt(attributes, Attr.requestModel);
  return { span, context, startedAtMs, name, stage, provider, model, turnIndex: callRefOf(context)?.turnIndex };
}

function textAt(attributes: Attributes, key: string): string | undefined {
  const value = attributes[key];
  return typeof value === 'string' ? value : undefined;
}

function closedSpan(parent: Context): CallSpan {
  const span = trace.wrapSpanContext(trace.getSpanContext(parent) ?? INVALID_SPAN_CONTEXT);
  return {
    span,
    context: parent,
    recordFirstOutput() {},
    onEnding() {},
    whenCallEnds() {},
    end() {},
    fail() {},
    cancel() {},
  };
}
