import { SpanName } from 'callspan/conventions';

/** Where a span stands in its trace; the parent is null or empty for a root. */
export type Step = { readonly spanId: string; readonly parentSpanId: string | null };

/** Whether a span of this name that ended in an error has failed: an attempt that the next one made good has not, and one
 * that was not is told by its request. */
export function canFail(name: string): boolean {
  return name !== SpanName.modelAttempt;
}

/** Whether a span of this name fails because something within it does. */
export function isHolder(name: string): boolean {
  return name === SpanName.turn || name === SpanName.call || name === SpanName.webhookVoice;
}

/** A failure passes upward through its parents: what failed as one thing is told once, by its outermost step.
 * @param failed the spans that failed, without holders */
export function listOutermost<Of extends Step>(failed: readonly Of[]): Of[] {
  const ids = new Set(failed.map(({ spanId }) => spanId));
  return failed.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ''));
}
