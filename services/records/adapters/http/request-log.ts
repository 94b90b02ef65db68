import { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestHandler, Response } from 'express';

/** One served request, for one line of log: no query string, no body, no address of the client. */
export type ServedRequest = {
  readonly method: string;
  /** The route's pattern (`/records/:id`), or `unknown`: never the path as sent. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
  /** Set when an error was answered. */
  readonly errorCode?: string;
  /** What lies behind a 5xx. */
  readonly cause?: unknown;
};

/** Where an error is noted for the line that is written when the answer has been sent. */
export type ErrorNote = { errorCode?: string; cause?: unknown };

/** Runs work for a call: what it logs carries the call's id. */
export type RunForCall = <T>(callSid: string, work: () => T) => T;

/** Notes which call a request is for, so that its line is the call's too. */
export function noteCall(response: Response, callSid: string, runForCall: RunForCall): void {
  response.locals.inCall = runForCall(callSid, () => AsyncLocalStorage.snapshot());
}

/** Calls `onServed` once for each answered (or broken off) request that is not a probe. */
export function createRequestLog(
  onServed: (served: ServedRequest) => void,
  quietPaths: readonly string[],
): RequestHandler {
  return (request, response, next) => {
    if (quietPaths.includes(request.path)) return next();
    const startedAt = performance.now();
    // When the client breaks off, `close` comes from the socket: outside the trace of the request, without the snapshot.
    const inRequest = AsyncLocalStorage.snapshot();
    const tell = () => {
      const note: ErrorNote = response.locals.error ?? {};
      onServed({
        method: request.method,
        route: typeof request.route?.path === 'string' ? request.route.path : 'unknown',
        status: response.statusCode,
        durationMs: Math.round(performance.now() - startedAt),
        ...note,
      });
    };
    response.once('close', () => (response.locals.inCall ?? inRequest)(tell));
    return next();
  };
}
