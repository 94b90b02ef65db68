/** What can go wrong, as a closed list; the HTTP edge maps each to one status. */
export type RecordsErrorCode =
  | 'validation'
  | 'bad_json'
  | 'bad_request'
  | 'idempotency_key_missing'
  | 'idempotency_key_invalid'
  | 'idempotency_key_running'
  | 'idempotency_key_reused'
  | 'unauthorized'
  | 'forbidden_host'
  | 'not_found'
  | 'unknown_route'
  | 'body_too_large'
  | 'content_type'
  | 'unavailable'
  | 'internal';

/** One input that was refused; `path` is dotted (`wanted.dateTime`), '' for the body as a whole. Never holds the value itself. */
export type FieldError = { readonly path: string; readonly message: string };

/** An error that the client may see. `cause` is for the log only. */
export class RecordsError extends Error {
  readonly code: RecordsErrorCode;
  /** Only with code `validation`. */
  readonly fields: readonly FieldError[] | undefined;

  constructor(
    code: RecordsErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly fields?: readonly FieldError[] } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'RecordsError';
    this.code = code;
    this.fields = options.fields;
  }
}
