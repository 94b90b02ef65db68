import type { RequestHandler } from 'express';
import { ApiError } from '../../domain/api-error.ts';
import { isKey } from '../../key.ts';

/** Lets in who brings the key of this stand-in; everybody else is answered as the vendor answers a wrong key. */
export function createKeyCheck(apiKey: string): RequestHandler {
  return (request, _response, next) => {
    if (isKey(request.headers.authorization, apiKey)) return next();
    const message = 'Incorrect API key provided.';
    next(new ApiError(401, { message, type: 'invalid_request_error', param: null, code: 'invalid_api_key' }));
  };
}
