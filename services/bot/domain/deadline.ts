import type { Clock } from '../../line/clock.ts';
import { ProviderError } from './errors.ts';

/** Limits of one provider call in milliseconds: until the first result, and between two pieces of a stream. */
export type Deadline = { readonly firstMs: number; readonly idleMs: number };

/** Budgets of provider calls, all retries included, in milliseconds. */
export const TRANSCRIPTION_BUDGET_MS = 5000;
/** After the commit of a live transcription; then the file transcriber gets its own budget. */
export const LIVE_TRANSCRIPTION_BUDGET_MS = 2500;
/** The reply waits for it. */
export const RETRIEVAL_BUDGET_MS = 3000;
export const EXTRACTION_BUDGET_MS = 6000;
export const REPLY_DEADLINE: Deadline = { firstMs: 5000, idleMs: 4000 };
export const SYNTHESIS_DEADLINE: Deadline = { firstMs: 3000, idleMs: 2000 };

/**
 * Runs `work` with a signal that is aborted after `budgetMs` or with `signal`.
 * @throws ProviderError `timeout` after the budget, `cancelled` when `signal` was aborted, else what `work` throws.
 */
export async function withDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: { readonly clock: Clock; readonly budgetMs: number; readonly signal: AbortSignal },
): Promise<T> {
  const timer = startTimer(options.clock, options.budgetMs, options.signal);
  try {
    return await Promise.race([work(timer.signal), timer.expired]);
  } catch (error) {
    throw timer.explain(error);
  } finally {
    timer.stop();
  }
}

/** Like {@link withDeadline} for a stream: the first piece within `firstMs`, each further one within `idleMs`. */
export async function* withStreamDeadline<T>(
  produce: (signal: AbortSignal) => AsyncIterable<T>,
  options: { readonly clock: Clock; readonly deadline: Deadline; readonly signal: AbortSignal },
): AsyncGenerator<T> {
  const { clock, deadline, signal } = options;
  const stop = new AbortController();
  let failure: unknown;
  const iterator = produce(AbortSignal.any([signal, stop.signal]))[Symbol.asyncIterator]();
  let limitMs = deadline.firstMs;
  try {
    for (;;) {
      const timer = startTimer(clock, limitMs, signal);
      try {
        const step = await Promise.race([iterator.next(), timer.expired]);
        if (step.done) return;
        yield step.value;
      } catch (error) {
        failure = timer.explain(error);
        throw failure;
      } finally {
        timer.stop();
      }
      limitMs = deadline.idleMs;
    }
  } finally {
    stop.abort(failure ?? new ProviderError('cancelled', 'not needed any more'));
    // Not awaited: an iterator that hangs in next() would hang in return() too.
    void iterator.return?.().then(undefined, () => undefined);
  }
}

function startTimer(clock: Clock, budgetMs: number, outer: AbortSignal) {
  const inner = new AbortController();
  const { promise: expired, reject } = Promise.withResolvers<never>();
  expired.catch(() => undefined);
  let late = false;
  const cancel = clock.after(budgetMs, () => {
    late = true;
    const timeout = new ProviderError('timeout', `no answer within ${budgetMs} ms`);
    inner.abort(timeout);
    reject(timeout);
  });
  const onOuter = () => reject(new ProviderError('cancelled', 'cancelled'));
  if (outer.aborted) onOuter();
  outer.addEventListener('abort', onOuter, { once: true });
  return {
    signal: AbortSignal.any([outer, inner.signal]),
    expired,
    stop() {
      cancel();
      outer.removeEventListener('abort', onOuter);
    },
    explain(error: unknown): unknown {
      if (late && !(error instanceof ProviderError && error.code === 'timeout')) {
        return new ProviderError('timeout', `no answer within ${budgetMs} ms`, error);
      }
      if (outer.aborted && !(error instanceof ProviderError)) return new ProviderError('cancelled', 'cancelled', error);
      return error;
    },
  };
}
