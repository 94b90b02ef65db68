import { toViewerError, ViewerError } from '../../domain/errors.ts';

/** What a route threw as an error for the client; Express' own, for an address such as /%zz, is the client's fault. */
export function toHttpError(cause: unknown): ViewerError {
  if ((cause as { status?: unknown } | null)?.status !== 400) return toViewerError(cause);
  return new ViewerError('bad_request', 'the address cannot be read', { cause });
}

/** @throws ViewerError `bad_request` when a % is not followed by two hex digits, or a parameter is given more than once */
export function checkAddress({ url, query }: { readonly url: string; readonly query: object }): void {
  if (/%(?![0-9a-f]{2})/i.test(url)) throw new ViewerError('bad_request', 'the address cannot be read');
  const repeated = Object.entries(query).find(([, value]) => Array.isArray(value));
  if (repeated) throw new ViewerError('bad_request', `the parameter ${repeated[0]} is given more than once`);
}
