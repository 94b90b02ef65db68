import { type Context, context as contextApi } from '@opentelemetry/api';
import type { CallSpan } from '../call/call-span.ts';
import { coverProperty, methodOf, readSafely } from './own-property.ts';
import { watchIterable } from './watched-iterable.ts';

/** A span that has been started for some work, and the context in which the work runs. */
export type StartedStage = {
  readonly callSpan: CallSpan;
  /** The span's own, or the one in which a traced fetch finds the model call. */
  readonly context: Context;
};

/**
 * Runs `work` in the stage's context and ends the stage with it: at once, when its promise is settled, or when its
 * stream has ended. What `work` returns or throws is what the caller gets: values, errors and streams are the same
 * objects. A plain promise is followed by one that settles alike (so that a rejection nobody handles stays one); any
 * other thenable stays itself, and is watched when somebody asks for its result.
 */
export function measureWork<R>(started: StartedStage, work: (span: CallSpan) => R): R {
  let result: R;
  try {
    result = contextApi.with(started.context, () => work(started.callSpan));
  } catch (error) {
    started.callSpan.fail(error);
    throw error;
  }
  return watchResult(started, result) as R;
}

function watchResult(started: StartedStage, result: unknown): unknown {
  if (isPlainPromise(result)) {
    return result.then(
      (value) => watchResult(started, value),
      (error: unknown) => {
        started.callSpan.fail(error);
        throw error;
      },
    );
  }
  if (!watchThenable(started, result) && !watchIterable(started, result)) started.callSpan.end();
  return result;
}

/** A promise whose class adds nothing: nobody can miss the object itself. */
function isPlainPromise(value: unknown): value is Promise<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return readSafely(() => Object.getPrototypeOf(value) === Promise.prototype) === true;
}

/**
 * Asking a thenable of somebody's own for its result may start work (the openai package parses, a query builder asks
 * its database): its `then` is watched instead of called.
 */
function watchThenable({ callSpan, context }: StartedStage, thenable: unknown): boolean {
  const original = methodOf(thenable, 'then');
  if (!original) return false;
  let isSettled = false;
  function watchedThen(this: unknown, onValue?: unknown, onError?: unknown): unknown {
    if (isSettled) return Reflect.apply(original as NonNullable<typeof original>, this, [onValue, onError]);
    const settle = (finish: () => unknown) => {
      isSettled = true;
      uncover?.();
      return finish();
    };
    const value = (result: unknown) => {
      const watched = settle(() => watchResult({ callSpan, context }, result));
      return typeof onValue === 'function' ? onValue(watched) : watched;
    };
    const failed = (error: unknown) => {
      settle(() => callSpan.fail(error));
      if (typeof onError === 'function') return onError(error);
      throw error;
    };
    // The handlers are the consumer's: they run where the consumer stands, not inside the stage.
    const consumer = contextApi.active();
    const handlers = [contextApi.bind(consumer, value), contextApi.bind(consumer, failed)];
    return contextApi.with(context, () => Reflect.apply(original as NonNullable<typeof original>, this, handlers));
  }
  const uncover = coverProperty(thenable as object, 'then', watchedThen);
  return uncover !== undefined;
}
