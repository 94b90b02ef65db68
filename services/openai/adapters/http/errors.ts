import type { NextFunction, Request, Response } from 'express';
import { ApiError, createBadRequest } from '../../domain/api-error.ts';
import { exhaustedHeaders } from '../../domain/rate-limit.ts';
import { ClientGone, RateLimited } from './exchange.ts';

const BAD_JSON =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)";

/** What the body readers of Express throw. */
type BodyError = {
  readonly type?: string;
  readonly limit?: number;
  readonly length?: number;
  readonly status?: number;
};

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const { type, limit, length, status } = (error ?? {}) as BodyError;
  if (type === 'entity.too.large')
    return new ApiError(413, {
      message: `Maximum content size limit (${limit}) exceeded (${length ?? 'more'} bytes read)`,
      type: 'server_error',
      param: null,
      code: null,
    });
  if (type?.startsWith('entity.') || type?.startsWith('encoding.') || type?.startsWith('request.'))
    return createBadRequest(BAD_JSON);
  if (status === 400) return createBadRequest('Invalid URL');
  // Every reader of a request recurses into it: its own stack is what too much of it runs out of.
  if (error instanceof RangeError) return createBadRequest('The request is nested too deeply, or refers to itself.');
  return new ApiError(500, {
    message: `The stand-in failed: ${error instanceof Error ? error.message : String(error)}`,
    type: 'server_error',
    param: null,
    code: null,
  });
}

/** Answers every failure in the vendor's shape; a client that has gone away gets nothing. The fourth parameter tells Express what this is. */
export function answerError(error: unknown, _request: Request, response: Response, _next: NextFunction): void {
  if (error instanceof ClientGone) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const isLimit = error instanceof RateLimited;
  const { status, body } = isLimit ? error.error : toApiError(error);
  if (isLimit) response.set(exhaustedHeaders(error.retryAfterMs));
  response.status(status).json({ error: body });
}
