/** Closed set of what can go wrong for a client of the viewer. */
export type ViewerErrorCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden_host'
  | 'not_found'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'too_large'
  | 'unsupported_media'
  | 'unsupported'
  | 'busy'
  | 'internal';

/** An error that an HTTP edge answers with; `message` is for the client. */
export class ViewerError extends Error {
  readonly code: ViewerErrorCode;

  constructor(code: ViewerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ViewerError';
    this.code = code;
  }
}

const STATUS: Readonly<Record<ViewerErrorCode, number>> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden_host: 403,
  not_found: 404,
  method_not_allowed: 405,
  not_acceptable: 406,
  too_large: 413,
  unsupported_media: 415,
  unsupported: 501,
  busy: 503,
  internal: 500,
};

/** HTTP status of an error code. */
export function findStatus(code: ViewerErrorCode): number {
  return STATUS[code];
}

/** Any thrown thing as an error for the client; what is not ours says nothing about the inside. */
export function toViewerError(error: unknown): ViewerError {
  if (error instanceof ViewerError) return error;
  return new ViewerError('internal', 'The viewer could not do this; its log says why', { cause: error });
}
