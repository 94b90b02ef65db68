import { watchSafely } from './watch-safely.ts';

/** Told how a body went by. Each of the three last ends it, once. */
export type BodyTap = {
  chunk(bytes: Uint8Array): void;
  /** Read to its end. */
  read(): void;
  /** The consumer wanted no more, or forgot it. */
  cancelled(): void;
  failed(error: unknown): void;
};

/** Told of the first end only, and of nothing after it; a failure of the watching stays with it. */
export function endOnce(tap: BodyTap): BodyTap {
  let isOver = false;
  const over = (tell: () => void) => {
    if (isOver) return;
    isOver = true;
    watchSafely(tell);
  };
  return {
    chunk(bytes) {
      if (!isOver) watchSafely(() => tap.chunk(bytes));
    },
    read: () => over(() => tap.read()),
    cancelled: () => over(() => tap.cancelled()),
    failed: (error) => over(() => tap.failed(error)),
  };
}
