import type { Context } from '@opentelemetry/api';
import type { SpanRequest } from '../call/open-spans.ts';
import { Attr, ErrorType } from '../conventions/index.ts';
import { errorTypeOf, statusFailure } from '../error-type.ts';
import type { ModelCall } from './model-call.ts';
import { type ModelKit, type OwnModelCall, startOwnModelCall } from './model-span.ts';
import { modelFailure } from './request-failure.ts';
import { createRetryRegister, type RequestKey, retryWaitMs } from './retries.ts';

/** One attempt of a model request that nobody wrapped in a span: how it may end. */
export type OwnRequest = {
  readonly call: ModelCall;
  /** The answer is read to its end; `failure` when it said itself that it failed. */
  read(failure?: string): void;
  /** The consumer wanted no more of the answer. */
  cancelled(): void;
  /** The answer broke off. */
  failed(error: unknown): void;
  /** An error status, its body read to its end (nobody will try again) or let go (the openai package tries again). */
  refused(refusal: Refusal, isFinal: boolean): void;
  /** No answer came. */
  unanswered(error: unknown): void;
};

/** What is read of an error status; the response itself stays with its consumer. */
export type Refusal = Pick<Response, 'status' | 'headers'>;

/** What one attempt is. `retryCount` is undefined when the client does not count. */
export type Outgoing = {
  readonly request: SpanRequest;
  readonly key: RequestKey;
  readonly retryCount: number | undefined;
  readonly parent: Context;
};

const RETRIED_STATUS = new Set([408, 409, 429]);

/** Starts spans for model requests that nobody wrapped; the attempts of one logical request share one. */
export function createOwnRequests(kit: ModelKit): (outgoing: Outgoing) => OwnRequest {
  const register = createRetryRegister<Request>();
  return ({ request, key, retryCount, parent }) => {
    const waiting = retryCount ? register.take(key, retryCount) : undefined;
    const own = waiting ?? startRequest(kit, request, parent);
    own.giveUp = undefined;
    const { callSpan, call } = own;
    const failOrRetry = (failure: unknown, mayRetry: boolean, refusal?: Refusal) => {
      const endedAtMs = own.now();
      const giveUp = () => {
        if (refusal) call.setAttributes({ [Attr.httpStatusCode]: refusal.status });
        callSpan.fail(failure, endedAtMs);
      };
      if (retryCount === undefined || !mayRetry) return giveUp();
      const waitMs = retryWaitMs(refusal?.headers, retryCount);
      own.giveUp = giveUp;
      return register.wait({ key, count: retryCount, owner: own, waitMs, giveUp });
    };
    return {
      call,
      read: (failure) => (failure ? callSpan.fail(modelFailure(ErrorType.model, failure)) : callSpan.end()),
      cancelled: () => callSpan.cancel(),
      failed: (error) => callSpan.fail(error),
      refused(refusal, isFinal) {
        const { status } = refusal;
        const failure = modelFailure(statusFailure(status) ?? ErrorType.api, `HTTP ${status}`);
        failOrRetry(failure, !isFinal && isRetried(refusal), refusal);
      },
      unanswered(error) {
        if (errorTypeOf(error) === ErrorType.cancelled) callSpan.cancel();
        else failOrRetry(error, true);
      },
    };
  };
}

/** One logical request; `giveUp` while it waits for its next attempt. */
type Request = OwnModelCall & { giveUp: (() => void) | undefined };

function startRequest(kit: ModelKit, request: SpanRequest, parent: Context): Request {
  const own: Request = { ...startOwnModelCall(kit, request, parent), giveUp: undefined };
  own.callSpan.whenCallEnds(() => {
    // The next attempt will not come: it failed of what the last one did, then.
    own.giveUp?.();
    return false;
  });
  return own;
}

function isRetried({ status, headers }: Refusal): boolean {
  const told = headers.get('x-should-retry');
  return told === null || told === '' ? status >= 500 || RETRIED_STATUS.has(status) : told === 'true';
}
