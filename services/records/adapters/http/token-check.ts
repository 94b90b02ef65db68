import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { RecordsError } from '../../domain/errors.ts';

/** Lets through only requests with `Authorization: Bearer <token>`; the comparison takes the same time for every guess. */
export function createTokenCheck(token: string): RequestHandler {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  const wanted = digest(`Bearer ${token}`);
  return (request, _response, next) => {
    if (timingSafeEqual(digest(request.get('authorization') ?? ''), wanted)) return next();
    return next(new RecordsError('unauthorized', 'Send the operations token as Authorization: Bearer'));
  };
}
