import type { RequestHandler } from 'express';
import { ApiError } from '../../domain/api-error.ts';
import { isLoopback } from '../../domain/loopback.ts';

/** Lets in who asks for this machine by its own name: a web page whose name was pointed at 127.0.0.1 is refused with `forbidden_host`. */
export const localOnly: RequestHandler = (request, _response, next) => {
  if (isLoopback(request.headers.host ?? '')) return next();
  const message = 'The stand-in answers requests to localhost only.';
  next(new ApiError(403, { message, type: 'invalid_request_error', param: null, code: 'forbidden_host' }));
};
