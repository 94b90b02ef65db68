import {
  type Attributes,
  type Context,
  type Meter,
  ROOT_CONTEXT,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { guardAttributes } from './call/attribute-guard.ts';
import type { CallInfo, CallTrace, KitTools } from './call/call.ts';
import { withCallRef, withTraceparent } from './call/call-context.ts';
import { readCallInfo } from './call/call-info.ts';
import { tellCallStart } from './call/call-starts.ts';
import { closeLateCalls } from './call/late-ends.ts';
import { checkLimits, type StageLimit } from './call/limits.ts';
import { startCallTrace } from './call/traced-call.ts';
import { tellWhenUntraced } from './call/untraced-calls.ts';
import { checkOptions, hasMethods, type OptionRule, wrongOption } from './check-options.ts';
import { OTHER_VALUE } from './conventions/closed-labels.ts';
import { Attr, type CallEndReason, type CallOutcome, Metric, SCOPE_NAME, SpanName } from './conventions/index.ts';
import { createPriceList, type PriceFile, type PriceList, type PriceRows } from './cost/price-list.ts';
import { createInstruments, createNoInstruments } from './instruments.ts';
import { createKitLog } from './logs/kit-log.ts';
import type { Logger } from './logs/log-methods.ts';
import { reportMisuse } from './logs/misuse.ts';
import { createProblems } from './logs/problems.ts';
import type { MeasureListener } from './measures/measure.ts';
import { openMeasures } from './measures/open-measures.ts';
import type { Statistics } from './measures/statistics.ts';
import { EVENT_LOOP_LIMIT_OPTION, type EventLoopLimit, watchEventLoop } from './metrics/blocked-loop.ts';
import { createDependencies } from './metrics/dependencies.ts';
import { recordFirstZeros } from './metrics/first-zeros.ts';
import { knowLateSecrets } from './redaction/redactor.ts';
import { isTelemetryDisabled } from './sdk/config.ts';
import { onShutdown } from './sdk/shutdown.ts';
import { createStages, type Stages } from './stages/stages.ts';

/** A media stream that was refused: why, and the little that is certain about it. */
export type RejectedStream = {
  /** Closed, low-cardinality: for example `token_missing`, `token_forged`, `token_expired`, `token_used`. */
  readonly reason: string;
  /** Only when the token proved it. */
  readonly traceparent?: string | null;
  readonly attributes?: Attributes;
};

/** The kit, bound to one tracer: starts calls, knows the ones that are going on, and measures one's own code. */
export type Callspan = Stages & {
  readonly tracer: Tracer;
  /** What its calls share, for parts of the kit that measure. */
  readonly tools: KitTools;
  /** What its stages took, without any backend. */
  readonly statistics: Statistics;
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

/** How a kit is made; every option has a default that works. */
export type CallspanOptions = {
  /** Default: the tracer and the meter of the SDK that the preload started. */
  readonly tracer?: Tracer;
  readonly meter?: Meter;
  /** Where the kit's own lines go beside the log records; default: records only. */
  readonly logger?: Logger;
  /** What is too slow; default: no limits. */
  readonly limits?: readonly StageLimit[];
  /** How long the process may do nothing else while calls go on; default: 100 ms, critical 500 ms. */
  readonly eventLoopBlocked?: EventLoopLimit;
  /** Rows over the prices shipped with the kit, or (with `asOf`) a whole file instead of them. */
  readonly prices?: PriceFile | PriceRows;
  /**
   * The carrier whose price `prices` has by direction (`twilio/inbound`), or false when the line costs nothing. Default
   * `twilio`, which is shipped without a price: what a number costs depends on its country and contract.
   */
  readonly carrier?: string | false;
  /**
   * Told of every stage that has ended, in a call or outside of one, right after it did: plain frozen objects. They run
   * on the thread that serves media, so they have to be quick; one that throws is reported once a minute.
   */
  readonly measureListeners?: readonly MeasureListener[];
};

/** Limits and prices are checked row by row where they are read. */
const OPTIONS: Readonly<Record<keyof CallspanOptions, OptionRule>> = {
  tracer: { isRight: (value) => hasMethods(value, ['startSpan']), expected: 'a tracer of OpenTelemetry' },
  meter: { isRight: (value) => hasMethods(value, ['createHistogram']), expected: 'a meter of OpenTelemetry' },
  logger: {
    isRight: (value) => hasMethods(value, ['info', 'warn', 'error']),
    expected: 'a logger with the methods debug, info, warn and error',
  },
  limits: { isRight: () => true, expected: 'a list of limits' },
  eventLoopBlocked: EVENT_LOOP_LIMIT_OPTION,
  prices: { isRight: () => true, expected: 'prices' },
  carrier: {
    isRight: (value) => value === false || (typeof value === 'string' && value !== ''),
    expected: 'the name of a carrier, such as "twilio", or false when the line costs nothing',
  },
  measureListeners: {
    isRight: (value) => Array.isArray(value) && value.every((listener) => typeof listener === 'function'),
    expected: 'a list of functions that take a measure',
  },
};

/** Its price depends on country and contract, so that it may be without one. */
const DEFAULT_CARRIER = 'twilio';

/** A name that no price has would make the cost of every call unknown, without a word. */
function checkCarrier(carrier: string | false | undefined, { carriers }: PriceList): void {
  if (carrier === undefined || carrier === false || carrier === DEFAULT_CARRIER || carriers.includes(carrier)) return;
  const such = carriers[0] === undefined ? '' : `, such as "${carriers[0]}" (without a direction)`;
  const expected = `a carrier that the prices have${such}, "${DEFAULT_CARRIER}", or false when the line costs nothing`;
  throw wrongOption('carrier', carrier, expected);
}

/**
 * Makes the kit.
 * @throws TypeError when an option is wrong, naming it, its value and the expected form; when a variable of the
 * measures is wrong or missing (`readMeasureConfig`)
 */
export function createCallspan(options: CallspanOptions = {}): Callspan {
  checkOptions('createCallspan', options, OPTIONS);
  const tracer = options.tracer ?? trace.getTracer(SCOPE_NAME);
  const log = createKitLog(options.logger);
  const isOff = options.tracer === undefined && isTelemetryDisabled();
  const instruments = isOff && !options.meter ? createNoInstruments() : createInstruments(options.meter);
  const problems = createProblems(log);
  const prices = createPriceList(options.prices);
  checkCarrier(options.carrier, prices);
  const tools: KitTools = {
    isOff,
    tracer,
    log,
    instruments,
    dependencies: createDependencies(instruments, log),
    problems,
    limits: checkLimits(options.limits ?? []),
    prices,
    carrier: options.carrier ?? DEFAULT_CARRIER,
    measures: openMeasures(problems, options.measureListeners),
  };
  const calls = new Map<string, CallTrace>();
  // A call that starts twice under one id is two traces, and both have to end.
  const open = new Set<CallTrace>();
  const watchLoop = watchEventLoop(open, instruments, options.eventLoopBlocked);
  recordFirstZeros(instruments, tools.limits);
  const findCall = (callSid: string) => calls.get(callSid);
  const endAll: Callspan['endAll'] = (reason, outcome) => {
    for (const call of [...open]) call.end({ reason, outcome });
    closeLateCalls();
  };
  // A process that ends, of an error too, keeps the spans of its open calls.
  let forgetShutdown: () => void = () => undefined;
  return {
    ...createStages({ ...tools, findCall }),
    tracer,
    tools,
    statistics: tools.measures.statistics,
    get openCalls() {
      return open.size;
    },
    startCall(told) {
      knowLateSecrets();
      const { info, error } = readCallInfo(told);
      tellCallStart(tools, info.callSid);
      const call: CallTrace = startCallTrace(tools, info, () => {
        open.delete(call);
        if (open.size === 0) forgetShutdown();
        if (calls.get(info.callSid) === call) calls.delete(info.callSid);
      });
      call.observe(tools.dependencies.observer);
      if (open.size === 0) forgetShutdown = onShutdown(() => endAll('shutdown', 'interrupted'));
      open.add(call);
      watchLoop();
      if (info.callSid) calls.set(info.callSid, call);
      tellWhenUntraced(tools, call);
      if (error) reportMisuse(problems, { kind: 'bad_call_info', context: call.context, error });
      return call;
    },
    findCall,
    recordRejectedStream: (rejected) => recordRejectedStream(tools, rejected),
    endAll,
    contextFor: (callSid, traceparent) =>
      withCallRef(withTraceparent(calls.get(callSid)?.context ?? ROOT_CONTEXT, traceparent), { callSid }),
  };
}

function recordRejectedStream(tools: KitTools, rejected: RejectedStream): void {
  // From plain JavaScript anything may come, in the middle of an upgrade.
  const { reason = OTHER_VALUE, traceparent, attributes }: Partial<RejectedStream> = rejected ?? {};
  const webhook = trace.getSpanContext(withTraceparent(ROOT_CONTEXT, traceparent));
  const known = attributes ? guardAttributes(attributes, () => tools.problems.report('attributes_cut')) : {};
  const links = webhook ? [{ context: webhook }] : [];
  const span = tools.tracer.startSpan(
    SpanName.callRejected,
    { kind: SpanKind.INTERNAL, links, attributes: { ...known, [Attr.rejectReason]: reason } },
    ROOT_CONTEXT,
  );
  span.end();
  tools.instruments.record(Metric.callRejected, 1, { reason });
}
