import { type Attributes, type Context, createContextKey, type Span } from '@opentelemetry/api';
import type { CallSpan, SpanRequest } from '../call/open-spans.ts';
import { Attr, type ErrorTypeName, Metric, SpanEvent } from '../conventions/index.ts';
import type { ModelUsage } from '../cost/model-usage.ts';
import { type Attempts, createAttempts, type ModelAttempt } from './attempts.ts';
import { factAttributes, type ModelFacts, sumFacts, tokensByType } from './model-facts.ts';
import type { ModelTools } from './model-tools.ts';

/**
 * A model call in progress: one CLIENT span over all its attempts. The traced fetch and the traced sockets find it in the
 * active context and write on it; a retry turns the attempts into `model.attempt` children. When the span ends, metrics
 * and cost are recorded; what is told later is ignored.
 */
export type ModelCall = {
  readonly span: Span;
  readonly isEnded: boolean;
  /** Milliseconds from the start to the first content, once there was one. */
  readonly firstChunkMs: number | undefined;
  /** A request goes out. */
  startAttempt(): ModelAttempt;
  /** An answer that will tell its usage has begun; what is returned says, once, that it is over. */
  awaitUsage(): () => void;
  /** The first content came (once). */
  recordFirstChunk(): void;
  /** Facts that belong to no HTTP attempt (a socket's), once for each answer: what is counted is summed. */
  recordFacts(facts: ModelFacts): void;
  /** Adds what whoever started the call did not tell; `read` runs only when operation, provider or model is missing. */
  complete(read: () => Attributes): void;
  /** Writes attributes, as long as the span can be written on. */
  setAttributes(attributes: Attributes): void;
};

const IDENTITY = [Attr.operationName, Attr.providerName, Attr.requestModel];
const MODEL_CALL_KEY = createContextKey('callspan model call');

/** The model call that the code running in `context` is part of; one that has ended is none. */
export function modelCallOf(context: Context): ModelCall | undefined {
  const call = context.getValue(MODEL_CALL_KEY) as ModelCall | undefined;
  return call?.isEnded ? undefined : call;
}

/** Makes `callSpan` the model call of its context: run the request inside the returned context. */
export function withModelCall(
  tools: ModelTools,
  callSpan: CallSpan,
  request: SpanRequest,
): { context: Context; call: ModelCall } {
  const call = createModelCall(tools, callSpan, request);
  return { call, context: callSpan.context.setValue(MODEL_CALL_KEY, call) };
}

function createModelCall(tools: ModelTools, callSpan: CallSpan, request: SpanRequest): ModelCall {
  const { span } = callSpan;
  const { clock, instruments } = tools;
  const startedAtMs = request.startedAtMs ?? clock.now();
  const told: Attributes = {
    [Attr.stage]: request.stage,
    [Attr.providerName]: request.provider,
    [Attr.requestModel]: request.model,
    ...request.attributes,
  };
  let own: ModelFacts | undefined;
  let firstChunkMs: number | undefined;
  let isEnded = false;
  let awaited = 0;
  const factsOf = (attempts: Attempts) => sumFacts(own ? [...attempts.facts, own] : attempts.facts);
  const write = () => {
    if (isEnded) return;
    if (attempts.count > 1) span.setAttribute(Attr.httpResendCount, attempts.count - 1);
    span.setAttributes(factAttributes(factsOf(attempts)));
  };
  const attempts = createAttempts(tools, callSpan.context, write);
  callSpan.onEnding((endedAtMs, failure) => {
    isEnded = true;
    const attributes = { ...told, ...attributesOf(span) };
    const facts = factsOf(attempts);
    recordUse(tools, { attributes, durationMs: endedAtMs - startedAtMs, facts, failure });
    const usd = recordCost(tools, { attributes, attempts, own, hasFailed: failure !== undefined });
    if (usd !== undefined) span.setAttribute(Attr.costUsd, usd);
  });
  callSpan.whenCallEnds(() => awaited > 0);
  return {
    span,
    awaitUsage() {
      let isOver = false;
      awaited += 1;
      return () => {
        if (!isOver) awaited -= 1;
        isOver = true;
      };
    },
    get isEnded() {
      return isEnded;
    },
    get firstChunkMs() {
      return firstChunkMs;
    },
    startAttempt: () => attempts.start(),
    recordFirstChunk() {
      if (firstChunkMs !== undefined || isEnded) return;
      const nowMs = clock.now();
      firstChunkMs = nowMs - startedAtMs;
      span.setAttribute(Attr.timeToFirstChunk, firstChunkMs / 1000);
      span.addEvent(SpanEvent.firstChunk, {}, clock.wallTimeOf(nowMs));
      callSpan.recordFirstOutput(nowMs);
      instruments.record(Metric.genAiFirstChunk, firstChunkMs / 1000, labelsOf({ ...told, ...attributesOf(span) }));
    },
    recordFacts(facts) {
      own = own ? sumFacts([own, facts]) : facts;
      write();
    },
    setAttributes(attributes) {
      if (!isEnded) span.setAttributes(attributes);
    },
    complete(read) {
      if (isEnded || IDENTITY.every((key) => told[key] !== undefined)) return;
      const missing = Object.entries(read()).filter(([key]) => told[key] === undefined);
      Object.assign(told, Object.fromEntries(missing));
      span.setAttributes(Object.fromEntries(missing));
    },
  };
}

/** What stands on a span of the SDK by now: wrappers add what they learn (characters, audio) while the call runs. */
function attributesOf(span: Span): Attributes {
  return (span as Span & { readonly attributes?: Attributes }).attributes ?? {};
}

function labelsOf(attributes: Attributes): Attributes {
  const labels: Attributes = {};
  for (const key of [Attr.operationName, Attr.providerName, Attr.requestModel, Attr.stage]) {
    if (attributes[key] !== undefined) labels[key] = attributes[key];
  }
  return labels;
}

type Use = {
  readonly attributes: Attributes;
  readonly durationMs: number;
  readonly facts: ModelFacts;
  readonly failure: ErrorTypeName | undefined;
};

function recordUse({ instruments }: ModelTools, { attributes, durationMs, facts, failure }: Use): void {
  const labels = labelsOf(attributes);
  const failed = failure ? { [Attr.errorType]: failure } : {};
  instruments.record(Metric.genAiDuration, durationMs / 1000, { ...labels, ...failed });
  for (const [type, tokens] of tokensByType(facts)) {
    instruments.record(Metric.genAiTokens, tokens, { ...labels, [Attr.tokenType]: type });
  }
}

type Spending = {
  readonly attributes: Attributes;
  readonly attempts: Attempts;
  readonly own: ModelFacts | undefined;
  readonly hasFailed: boolean;
};

/** US dollars of the whole model call, or undefined when a part of it has no price; unpaid attempts cost nothing. */
function recordCost({ ledger }: ModelTools, spending: Spending): number | undefined {
  const { attributes, attempts, own, hasFailed } = spending;
  // An answer from the bot's own store asked no provider.
  if (attributes[Attr.ttsCached] === true && attempts.count === 0) return undefined;
  // A failure that nobody watched may have been paid for or not.
  const billing = own || !hasFailed ? ('usage' as const) : ('untold' as const);
  const bills = own || attempts.count === 0 ? [{ billing, facts: own ?? {} }] : [];
  const asked = usageOf(attributes);
  let usd = 0;
  let isKnown = true;
  for (const { billing, facts } of [...attempts.bills, ...bills]) {
    if (billing === 'nothing') continue;
    if (billing === 'untold') ledger.markUnknown();
    const cost = billing === 'untold' ? undefined : ledger.record(entryOf(attributes, { ...asked, ...facts }));
    if (cost === undefined) isKnown = false;
    else usd += cost;
  }
  return isKnown ? Math.round(usd * 1e9) / 1e9 : undefined;
}

function entryOf(attributes: Attributes, facts: ModelFacts): Parameters<ModelTools['ledger']['record']>[0] {
  return {
    provider: textAt(attributes, Attr.providerName),
    model: textAt(attributes, Attr.requestModel),
    servedModel: facts.responseModel,
    stage: textAt(attributes, Attr.stage),
    usage: facts,
  };
}

/** What is known without the provider: how much was asked to be heard or spoken. */
function usageOf(attributes: Attributes): ModelUsage {
  const audioMs = attributes[Attr.sttAudioMs] ?? attributes[Attr.ttsAudioMs];
  const characters = attributes[Attr.ttsCharacters];
  return {
    ...(typeof audioMs === 'number' ? { audioSeconds: audioMs / 1000 } : {}),
    ...(typeof characters === 'number' ? { characters } : {}),
  };
}

function textAt(attributes: Attributes, key: string): string | undefined {
  const value = attributes[key];
  return typeof value === 'string' ? value : undefined;
}
