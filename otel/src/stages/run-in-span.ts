import { type Context, context as contextApi } from '@opentelemetry/api';
import type { CallSpan } from '../call/call-span.ts';
import type { StartedStage } from './measure.ts';
import { watchedSteps, watchIterator } from './watched-iterable.ts';

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
  produce: (span: CallSpan) => AsyncIterable<T>,
  active: Context = callSpan.context,
): AsyncGenerator<T> {
  async function* relay(): AsyncGenerator<T> {
    return yield* produce(callSpan);
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
  produce: (span: CallSpan) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const startHere = contextApi.bind(contextApi.active(), start);
  async function* relay(): AsyncGenerator<T> {
    const started = startHere();
    return yield* watchedSteps(started, () => produce(started.callSpan)[Symbol.asyncIterator]());
  }
  return relay();
}
