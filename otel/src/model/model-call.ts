import { type Attributes, type AttributeValue, type Context, createContextKey, type Span } from '@opentelemetry/api';
import type { CallSpan, SpanRequest } from '../call/open-spans.ts';
import { Attr, type ErrorTypeName, Metric, SpanEvent } from '../conventions/index.ts';
import type { ModelUsage } from '../cost/model-usage.ts';
import { type Attempts, createAttempts, type ModelAttempt } from './attempts.ts';
import { factAttributes, type ModelFacts, sumFacts, tellTokens } from './model-facts.ts';
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
  const told = toldBy(request);
  const attributeOf: ReadAttribute = (key) => attributesOf(span)[key] ?? told[key];
  let own: ModelFacts | undefined;
  let firstChunkMs: number | undefined;
  let isEnded = false;
  let awaited = 0;
  const allFacts = () => sumFacts(own ? [...attempts.facts(), own] : attempts.facts());
  const write = (facts?: ModelFacts) => {
    if (isEnded) return;
    if (attempts.count > 1) span.setAttribute(Attr.httpResendCount, attempts.count - 1);
    // The facts of an only answer stand for themselves.
    const isOnly = attempts.count === 1 && !own;
    if (facts || !isOnly) span.setAttributes(factAttributes(facts && isOnly ? facts : allFacts()));
  };
  const attempts = createAttempts(tools, callSpan.context, write);
  callSpan.onEnding((endedAtMs, failure) => {
    isEnded = true;
    recordUse(tools, { attributeOf, durationMs: endedAtMs - startedAtMs, facts: allFacts(), failure });
    const usd = recordCost(tools, { attributeOf, attempts, own, hasFailed: failure !== undefined });
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
      instruments.record(Metric.genAiFirstChunk, firstChunkMs / 1000, labelsOf(attributeOf));
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
      const missing: Attributes = {};
      for (const [key, value] of Object.entries(read())) if (told[key] === undefined) missing[key] = value;
      Object.assign(told, missing);
      span.setAttributes(missing);
    },
  };
}

/** What whoever started the call told of it. */
function toldBy({ stage, provider, model, attributes }: SpanRequest): Attributes {
  return { [Attr.stage]: stage, [Attr.providerName]: provider, [Attr.requestModel]: model, ...attributes };
}

/** An attribute of the model call: as it stands on its span, else as it was told. */
type ReadAttribute = (key: string) => AttributeValue | undefined;

/** What stands on a span of the SDK by now: wrappers add what they learn (characters, audio) while the call runs. */
function attributesOf(span: Span): Attributes {
  return (span as Span & { readonly attributes?: Attributes }).attributes ?? {};
}

const LABELS = [Attr.operationName, Attr.providerName, Attr.requestModel, Attr.stage];

function labelsOf(attributeOf: ReadAttribute): Attributes {
  const labels: Attributes = {};
  for (const key of LABELS) {
    const value = attributeOf(key);
    if (value !== undefined) labels[key] = value;
  }
  return labels;
}

type Use = {
  readonly attributeOf: ReadAttribute;
  readonly durationMs: number;
  readonly facts: ModelFacts;
  readonly failure: ErrorTypeName | undefined;
};

function recordUse({ instruments }: ModelTools, { attributeOf, durationMs, facts, failure }: Use): void {
  const labels = labelsOf(attributeOf);
  tellTokens(facts, (tokens, type) => {
    instruments.record(Metric.genAiTokens, tokens, { ...labels, [Attr.tokenType]: type });
  });
  if (failure) labels[Attr.errorType] = failure;
  instruments.record(Metric.genAiDuration, durationMs / 1000, labels);
}

type Spending = {
  readonly attributeOf: ReadAttribute;
  readonly attempts: Attempts;
  readonly own: ModelFacts | undefined;
  readonly hasFailed: boolean;
};

/** US dollars of the whole model call, or undefined when a part of it has no price; unpaid attempts cost nothing. */
function recordCost({ ledger }: ModelTools, spending: Spending): number | undefined {
  const { attributeOf, attempts, own, hasFailed } = spending;
  // An answer from the bot's own store asked no provider.
  if (attributeOf(Attr.ttsCached) === true && attempts.count === 0) return undefined;
  // A failure that nobody watched may have been paid for or not.
  const billing = own || !hasFailed ? ('usage' as const) : ('untold' as const);
  const bills = own || attempts.count === 0 ? [{ billing, facts: own ?? {} }] : [];
  const asked = usageOf(attributeOf);
  let usd = 0;
  let isKnown = true;
  for (const { billing, facts } of [...attempts.bills(), ...bills]) {
    if (billing === 'nothing') continue;
    if (billing === 'untold') ledger.markUnknown();
    const cost = billing === 'untold' ? undefined : ledger.record(entryOf(attributeOf, { ...asked, ...facts }));
    if (cost === undefined) isKnown = false;
    else usd += cost;
  }
  return isKnown ? Math.round(usd * 1e9) / 1e9 : undefined;
}

function entryOf(attributeOf: ReadAttribute, facts: ModelFacts): Parameters<ModelTools['ledger']['record']>[0] {
  return {
    provider: textAt(attributeOf, Attr.providerName),
    model: textAt(attributeOf, Attr.requestModel),
    servedModel: facts.responseModel,
    stage: textAt(attributeOf, Attr.stage),
    usage: facts,
  };
}

/** What is known without the provider: how much was asked to be heard or spoken. */
function usageOf(attributeOf: ReadAttribute): ModelUsage {
  const audioMs = attributeOf(Attr.sttAudioMs) ?? attributeOf(Attr.ttsAudioMs);
  const characters = attributeOf(Attr.ttsCharacters);
  return {
    ...(typeof audioMs === 'number' ? { audioSeconds: audioMs / 1000 } : {}),
    ...(typeof characters === 'number' ? { characters } : {}),
  };
}

function textAt(attributeOf: ReadAttribute, key: string): string | undefined {
  const value = attributeOf(key);
  return typeof value === 'string' ? value : undefined;
}
