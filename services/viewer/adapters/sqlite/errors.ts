import { ViewerError } from '../../domain/errors.ts';

/** SQLite's result codes (https://www.sqlite.org/rescode.html) of what passes or can be mended: busy, locked, I/O error, full. */
const RETRYABLE: ReadonlySet<number> = new Set([5, 6, 10, 13]);

/** What a write threw: ViewerError `busy` when it may go well later, else what it was. */
export function toStoreError(cause: unknown): unknown {
  const code = (cause as { errcode?: unknown } | null)?.errcode;
  // The low byte is the primary code.
  if (typeof code !== 'number' || !RETRYABLE.has(code & 0xff)) return cause;
  return new ViewerError('busy', 'the store cannot write now: send it again', { cause });
}
