import { type Context, context as contextApi } from '@opentelemetry/api';
import type { CallSpan } from '../call/call-span.ts';
import { wrongArgument } from '../check-options.ts';
import type { StartedStage } from './measure.ts';
import { methodOf } from './own-property.ts';
import { watchedSteps, watchIterator } from './watched-iterable.ts';

/** A stream, or the promise of one, as `openai.chat.completions.create({ stream: true })` gives it. */
export type Produced<T> = AsyncIterable<T> | PromiseLike<AsyncIterable<T>>;

/**
 * Runs `work` with `callSpan` active; its result and its error pass through untouched.
 * @param active the context of the work, default the span's own
 */
export async function runInSpan<T>(
  callSpan: CallSpan,
  work: (span: CallSpan) => Promise<T>,
  active: Context = callSpan.context,
): Promise<T> {
  try {
    const result = await contextApi.with(active, () => work(callSpan));
    callSpan.end();
    return result;
  } catch (error) {
    callSpan.fail(error);
    throw error;
  }
}

/**
 * Streams what `produce` makes with `callSpan` active around every step; a consumer that stops half-way (or before the
 * first step) ends the span too, and what it throws into the stream reaches the producer.
 * @param active the context of the steps, default the span's own
 */
export function streamInSpan<T>(
  callSpan: CallSpan,
  produce: (span: CallSpan) => Produced<T>,
  active: Context = callSpan.context,
): AsyncGenerator<T> {
  async function* relay(): AsyncGenerator<T> {
    return yield* { [Symbol.asyncIterator]: () => iterateProduced(produce(callSpan)) };
  }
  const stream = relay();
  watchIterator({ callSpan, context: active }, stream);
  return stream;
}

/**
 * The same for a stage that starts with the first step, in the context of whoever made the stream: a stream that nobody
 * asks for an item has no span, and leaves none open.
 */
export function streamInStage<T>(
  start: () => StartedStage,
  produce: (span: CallSpan) => Produced<T>,
): AsyncGenerator<T> {
  const startHere = contextApi.bind(contextApi.active(), start);
  async function* relay(): AsyncGenerator<T> {
    const started = startHere();
    return yield* watchedSteps(started, () => iterateProduced(produce(started.callSpan)));
  }
  return relay();
}

/**
 * The iterator of what a `produce` function gave.
 * @throws TypeError when that is neither a stream nor the promise of one; of a promise the first step throws it
 */
function iterateProduced<T>(produced: Produced<T>): AsyncIterator<T> {
  const open = methodOf(produced, Symbol.asyncIterator);
  if (open) return Reflect.apply(open, produced, []) as AsyncIterator<T>;
  if (methodOf(produced, 'then')) return iterateLater(produced as PromiseLike<AsyncIterable<T>>);
  throw wrongArgument('what produce gives', produced, 'an async iterable, or a promise of one');
}

async function* iterateLater<T>(promised: PromiseLike<AsyncIterable<T>>): AsyncGenerator<T> {
  const stream = await promised;
  return yield* { [Symbol.asyncIterator]: () => iterateProduced(stream) };
}
