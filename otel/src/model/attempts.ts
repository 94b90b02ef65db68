import { type Attributes, type Context, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { Attr, ErrorType, type ErrorTypeName, SpanName } from '../conventions/index.ts';
import { errorTypeOf, statusFailure } from '../error-type.ts';
import type { ModelFacts } from './model-facts.ts';
import type { ModelTools } from './model-tools.ts';

/** One request of a model call; the result takes its outcome. */
export type ModelAttempt = {
  /** Headers came. */
  answered(status: number): void;
  /** There was no answer. */
  failed(error: unknown): void;
  /** What the body tells, as it goes by; a later word replaces an earlier one. */
  recordFacts(facts: ModelFacts): void;
};

/** What may have to be paid for an attempt: nothing, what it used, or something that nobody told. */
export type Billing = 'nothing' | 'usage' | 'untold';

type Attempt = {
  readonly startedAtMs: number;
  endedAtMs?: number;
  status?: number;
  failure?: ErrorTypeName;
  neverSent?: boolean;
  facts: ModelFacts;
};

/** All requests of one model call. */
export type Attempts = {
  readonly count: number;
  start(): ModelAttempt;
  /** Of each attempt, in their order. */
  facts(): ModelFacts[];
  bills(): readonly { readonly billing: Billing; readonly facts: ModelFacts }[];
};

/** Nothing left this machine: no connection came about. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * Keeps the attempts of a model call. One attempt needs no span; from the second on each is a `model.attempt` child of
 * `context`, with the wait before it.
 * @param onChange told when an answer is there, or with the facts of one
 */
export function createAttempts(tools: ModelTools, context: Context, onChange: (facts?: ModelFacts) => void): Attempts {
  const attempts: Attempt[] = [];
  const emit = (index: number) => recordAttempt(tools, context, { attempts, index });
  const finish = (attempt: Attempt) => {
    attempt.endedAtMs = tools.clock.now();
    if (attempts.length > 1) emit(attempts.indexOf(attempt));
    onChange();
  };
  return {
    get count() {
      return attempts.length;
    },
    facts: () => attempts.map((attempt) => attempt.facts),
    bills: () => attempts.map((attempt) => ({ billing: billingOf(attempt), facts: attempt.facts })),
    start() {
      markTimeout(attempts.at(-1));
      if (attempts.length === 1 && attempts[0]?.endedAtMs !== undefined) emit(0);
      const attempt: Attempt = { startedAtMs: tools.clock.now(), facts: {} };
      attempts.push(attempt);
      return {
        answered(status) {
          attempt.status = status;
          finish(attempt);
        },
        failed(error) {
          attempt.failure = errorTypeOf(error);
          if (isAsLongAsTimeout(attempt, attempts, tools.clock.now())) markTimeout(attempt);
          attempt.neverSent = NOT_CONNECTED.has(connectionCode(error));
          finish(attempt);
        },
        recordFacts(facts) {
          attempt.facts = { ...attempt.facts, ...facts };
          onChange(facts);
        },
      };
    },
  };
}

/** What is asked again was not given up: the client's own time was over, which it aborts without a reason. */
function markTimeout(attempt: Attempt | undefined): void {
  if (attempt?.failure === ErrorType.cancelled) attempt.failure = ErrorType.timeout;
}

/** Timers end a little early or late against each other (milliseconds). */
const SAME_TIME_MS = 20;

function isAsLongAsTimeout(attempt: Attempt, attempts: readonly Attempt[], nowMs: number): boolean {
  const before = attempts.find((one) => one.failure === ErrorType.timeout && one.endedAtMs !== undefined);
  const limitMs = before?.endedAtMs === undefined ? Number.POSITIVE_INFINITY : before.endedAtMs - before.startedAtMs;
  return nowMs - attempt.startedAtMs >= limitMs - SAME_TIME_MS;
}

function billingOf({ status, neverSent }: Attempt): Billing {
  if (neverSent || (status ?? 0) >= 400) return 'nothing';
  return status === undefined ? 'untold' : 'usage';
}

function connectionCode(error: unknown): string {
  const { cause, code } = (error ?? {}) as { cause?: { code?: unknown } | null; code?: unknown };
  return String(cause?.code ?? code);
}

type AttemptPlace = { readonly attempts: readonly Attempt[]; readonly index: number };

function recordAttempt({ tracer, clock }: ModelTools, context: Context, { attempts, index }: AttemptPlace): void {
  const attempt = attempts[index];
  if (!attempt) return;
  const before = attempts[index - 1]?.endedAtMs;
  const attributes: Attributes = {
    [Attr.httpResendCount]: index,
    [Attr.attemptWaitMs]: before === undefined ? 0 : Math.round((attempt.startedAtMs - before) * 1000) / 1000,
    ...(attempt.status === undefined ? {} : { [Attr.httpStatusCode]: attempt.status }),
  };
  const startTime = clock.wallTimeOf(attempt.startedAtMs);
  const span = tracer.startSpan(SpanName.modelAttempt, { kind: SpanKind.INTERNAL, startTime, attributes }, context);
  const failure = attempt.failure ?? statusFailure(attempt.status ?? 0);
  if (failure) span.setAttribute(Attr.errorType, failure);
  if (failure && failure !== ErrorType.cancelled) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(clock.wallTimeOf(attempt.endedAtMs ?? clock.now()));
}
