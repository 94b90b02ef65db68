import type { Response } from 'express';
import { RecordsError, type RecordsErrorCode } from '../../domain/errors.ts';

/** The one place where a code becomes an HTTP status. */
const STATUS_BY_CODE: Readonly<Record<RecordsErrorCode, number>> = {
  validation: 400,
  bad_json: 400,
  bad_request: 400,
  idempotency_key_missing: 400,
  idempotency_key_invalid: 400,
  unauthorized: 401,
  forbidden_host: 403,
  not_found: 404,
  unknown_route: 404,
  idempotency_key_running: 409,
  body_too_large: 413,
  content_type: 415,
  idempotency_key_reused: 422,
  internal: 500,
  unavailable: 503,
};

/** Seconds after which asking again makes sense, for the answers that say so. */
const RETRY_AFTER_S: Partial<Record<RecordsErrorCode, number>> = { idempotency_key_running: 1, unavailable: 2 };

/** Answers `{ error: { code, message, fields? } }`: no stack, no cause, nothing that the client sent. */
export function sendError(response: Response, error: RecordsError): void {
  const retryAfterS = RETRY_AFTER_S[error.code];
  if (retryAfterS !== undefined) response.set('Retry-After', String(retryAfterS));
  if (error.code === 'unauthorized') response.set('WWW-Authenticate', 'Bearer');
  const { code, message, fields } = error;
  response.status(STATUS_BY_CODE[code]).json({ error: { code, message, ...(fields && { fields }) } });
}

/**
 * Any thrown value as a RecordsError. Express's own errors are told apart by `type` and `status`; their messages may quote the
 * body (a person's words) and are never passed on. What nobody knows becomes `internal`.
 */
export function toRecordsError(error: unknown): RecordsError {
  if (error instanceof RecordsError) return error;
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown };
  if (type === 'entity.too.large') return new RecordsError('body_too_large', 'The body is larger than 64 kB');
  if (type === 'entity.parse.failed') return new RecordsError('bad_json', 'The body is not valid JSON');
  if (status === 415) return new RecordsError('content_type', 'Charset or encoding of the body is not supported');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new RecordsError('bad_request', 'The request could not be read', { cause: error });
  }
  return new RecordsError('internal', 'Something went wrong here; the log has the details', { cause: error });
}
