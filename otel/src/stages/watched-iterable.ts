import { type Context, context as contextApi } from '@opentelemetry/api';
import type { CallSpan } from '../call/call-span.ts';
import { coverProperty, methodOf, readSafely } from './own-property.ts';

/** See `StartedStage` of measure.ts. */
type Watched = { readonly callSpan: CallSpan; readonly context: Context };

/**
 * Watches an async iterable until its last item, its error or its consumer's stop; the object stays itself. Each step
 * runs in the stage's context (a generator's steps otherwise run in that of whoever asks for them). Streams of the web
 * and of Node are not watched: they can be read in ways that nobody sees.
 * @returns false when it is none, or cannot be watched
 */
export function watchIterable(watched: Watched, iterable: unknown): boolean {
  const open = methodOf(iterable, Symbol.asyncIterator);
  if (!open || methodOf(iterable, 'getReader') || methodOf(iterable, 'pipe')) return false;
  if (methodOf(iterable, 'next')) return watchIterator(watched, iterable as AsyncIterator<unknown>);
  const uncover = coverProperty(iterable as object, Symbol.asyncIterator, function (this: unknown, ...args: unknown[]) {
    // Only the first run over it belongs to the stage.
    uncover?.();
    const iterator = watchCall(watched, () => Reflect.apply(open, this, args));
    if (!watchIterator(watched, iterator as AsyncIterator<unknown>)) watched.callSpan.end();
    return iterator;
  });
  return uncover !== undefined;
}

/** Watches an iterator in place; false when it takes no change. */
export function watchIterator(watched: Watched, iterator: AsyncIterator<unknown>): boolean {
  const covers: (() => void)[] = [];
  watched.callSpan.onEnding(() => {
    for (const uncover of covers) uncover();
  });
  for (const name of ['next', 'return', 'throw'] as const) {
    const original = methodOf(iterator, name);
    if (!original) continue;
    const uncover = coverProperty(iterator, name, function (this: unknown, ...args: unknown[]) {
      const step = watchCall(watched, () => Reflect.apply(original, this, args));
      return watchStep(watched, step, name);
    });
    if (!uncover) return false;
    covers.push(uncover);
  }
  return covers.length > 0;
}

function watchCall<T>({ callSpan, context }: Watched, call: () => T): T {
  try {
    return contextApi.with(context, call);
  } catch (error) {
    callSpan.fail(error);
    throw error;
  }
}

type StepName = 'next' | 'return' | 'throw';

function watchStep({ callSpan }: Watched, step: unknown, name: StepName): unknown {
  const arrived = (result: unknown) => {
    const done = readSafely(() => (result as IteratorResult<unknown>).done);
    if (done || (name === 'return' && done !== false)) callSpan.end();
    else callSpan.recordFirstOutput();
    return result;
  };
  if (!methodOf(step, 'then')) return arrived(step);
  return Promise.resolve(step).then(arrived, (error: unknown) => {
    callSpan.fail(error);
    throw error;
  });
}
