import { type Context, context as contextApi } from '@opentelemetry/api';
import type { CallSpan } from '../call/call-span.ts';
import { watchIterable } from './watched-iterable.ts';
import { followPromise, isPlainPromise, type ResultWatch, watchThenable } from './watched-thenable.ts';

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
 * other thenable stays itself, and is watched when somebody asks for its result. A stream that is read by what it was
 * split into (`tee()` of the openai package's streams) is not seen: its stage lasts until its call ends.
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
  const { callSpan, context } = started;
  const watch: ResultWatch = {
    context,
    arrived: (value) => watchResult(started, value),
    failed: (error) => callSpan.fail(error),
  };
  if (isPlainPromise(result)) return followPromise(watch, result);
  if (!watchThenable(watch, result) && !watchIterable(started, result)) callSpan.end();
  return result;
}
