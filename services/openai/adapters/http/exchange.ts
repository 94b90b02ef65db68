import type { Response } from 'express';
import { ApiError } from '../../domain/api-error.ts';
import type { Fault, FaultRoute } from '../../domain/faults.ts';
import type { LatencyKind } from '../../domain/latency.ts';
import { createRateLimitError } from '../../domain/rate-limit.ts';
import type { Standin } from '../../domain/standin.ts';

/** One request being answered. Times are milliseconds of the stand-in's clock. */
export type Exchange = {
  readonly response: Response;
  readonly standin: Standin;
  readonly startedAt: number;
  /** Aborted when the client goes away before the end. */
  readonly signal: AbortSignal;
  readonly fault: Fault | null;
  /** Milliseconds from the request's arrival to the first byte of the answer. */
  readonly latencyMs: number;
};

/** The client went away, or is kept waiting until it does: there is nobody to answer. */
export class ClientGone extends Error {}

const SERVER_ERROR = new ApiError(500, {
  message: 'The server had an error while processing your request. Sorry about that!',
  type: 'server_error',
  param: null,
  code: null,
});

/** A refusal by a fault, with the wait that it asks for. */
export class RateLimited extends Error {
  readonly error: ApiError;
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super('rate limited');
    this.error = createRateLimitError(retryAfterMs);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A signal that fires when the connection closes before the answer is complete. */
function watchClient(response: Response): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort(new ClientGone('the client went away')));
  return controller.signal;
}

function waitForEver(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** What is asked for: `kind` decides the latency and, for chat, which faults match; `startedAt` when the request was there. */
export type Asked = { readonly route: FaultRoute; readonly kind: LatencyKind; readonly startedAt: number };

/**
 * Starts to answer a valid request: meets its fault, draws its latency.
 * @throws RateLimited | ApiError | ClientGone where the fault ends the exchange here.
 */
export async function openExchange(standin: Standin, response: Response, asked: Asked): Promise<Exchange> {
  const { route, kind, startedAt } = asked;
  const signal = watchClient(response);
  const fault = standin.faults.take(route, kind === 'extraction' || kind === 'reply' ? kind : null);
  if (fault?.fault === '429') throw new RateLimited(fault.retryAfterMs);
  if (fault?.fault === '500') throw SERVER_ERROR;
  if (fault?.fault === 'hang') return waitForEver(signal);
  const latencyMs = standin.latencies.next(kind) + (fault?.fault === 'slow' ? fault.latencyMs : 0);
  return { response, standin, startedAt, signal, fault, latencyMs };
}

/** Waits until `atMs` after the request's arrival, less what computing has taken already. @throws ClientGone */
export async function waitUntil(exchange: Exchange, atMs: number): Promise<void> {
  exchange.signal.throwIfAborted();
  const { clock } = exchange.standin;
  const left = () => atMs - (clock.now() - exchange.startedAt);
  // A timer may fire a little early.
  while (left() > 0) await clock.delay(left(), exchange.signal);
}
