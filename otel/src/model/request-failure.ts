import { ErrorType } from '../conventions/index.ts';
import { errorTypeOf } from '../error-type.ts';

/** A failure with a closed code and without a stack: what happened is the provider's doing, not ours. */
export function modelFailure(code: string, message: string, cause?: unknown): object {
  return { name: 'ModelRequestError', code, message, cause };
}

/**
 * Tells what a request that got no answer, or not all of it, failed of. The openai package aborts a request that takes
 * too long without a reason, just as it does for a caller who hung up: only the time until then tells which it was.
 * The reader takes the error, and whether headers had come.
 */
export function createFailureReader(headers: Headers, signal: AbortSignal | null | undefined) {
  const startedAtMs = performance.now();
  const timeoutMs = Number(headers.get('x-stainless-timeout')) * 1000;
  return (error: unknown, hasAnswer = false): object => {
    const { name, cause } = (error ?? {}) as { name?: unknown; cause?: unknown };
    const isAborted = signal?.aborted === true || name === 'AbortError';
    // The package stops its clock when headers have come.
    const tookTooLong = !hasAnswer && timeoutMs > 0 && performance.now() - startedAtMs >= timeoutMs;
    const kind = errorTypeOf(error);
    if (kind === ErrorType.timeout || (isAborted && kind === ErrorType.cancelled && tookTooLong)) {
      return modelFailure(ErrorType.timeout, 'no answer in time', cause);
    }
    if (isAborted) return modelFailure(kind === ErrorType.internal ? ErrorType.cancelled : kind, 'given up', cause);
    return modelFailure(ErrorType.api, 'the connection failed', cause);
  };
}
