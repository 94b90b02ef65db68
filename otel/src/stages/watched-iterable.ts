import { type Context, context as contextApi } from '@opentelemetry/api';
import { enterLater } from '../call/bind-to-context.ts';
import type { CallSpan } from '../call/call-span.ts';
import { coverProperty, methodOf } from './own-property.ts';

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
  const run = createStepRunner(watched.callSpan, (step) => contextApi.with(watched.context, step));
  const covers: (() => void)[] = [];
  watched.callSpan.onEnding(() => {
    for (const uncover of covers) uncover();
  });
  for (const name of STEPS) {
    const original = methodOf(iterator, name);
    if (!original) continue;
    const uncover = coverProperty(iterator, name, function (this: unknown, ...args: unknown[]) {
      return run(name, () => Reflect.apply(original, this, args));
    });
    if (!uncover) return false;
    covers.push(uncover);
  }
  return covers.length > 0;
}

/**
 * The steps of the iterator that `open` gives, each watched; for an iterator that nobody else holds. What other
 * asynchronous stores hold at the first step, they hold at each.
 */
export function watchedSteps<T>(watched: Watched, open: () => AsyncIterator<T>): AsyncIterable<T> {
  const iterator = watchCall(watched, open);
  const run = createStepRunner(watched.callSpan, enterLater(watched.context)) as (
    name: StepName,
    step: () => unknown,
  ) => Promise<IteratorResult<T>>;
  const steps: AsyncIterator<T> = {
    next: (...args) => run('next', () => iterator.next(...args)),
    return: (value) => run('return', () => iterator.return?.(value) ?? { done: true, value }),
  };
  if (iterator.throw) steps.throw = (error) => run('throw', () => iterator.throw?.(error));
  return { [Symbol.asyncIterator]: () => steps };
}

const STEPS = ['next', 'return', 'throw'] as const;
type StepName = (typeof STEPS)[number];

/** What runs a step in the stage's context, by `enter`, and tells the stage how it went. */
function createStepRunner(callSpan: CallSpan, enter: (step: () => unknown) => unknown) {
  const arrived = (result: unknown) => {
    if (doneOf(result)) callSpan.end();
    else callSpan.recordFirstOutput();
    return result;
  };
  const stopped = (result: unknown) => {
    if (doneOf(result) !== false) callSpan.end();
    else callSpan.recordFirstOutput();
    return result;
  };
  const failed = (error: unknown) => {
    callSpan.fail(error);
    throw error;
  };
  return (name: StepName, step: () => unknown): unknown => {
    let result: unknown;
    try {
      result = enter(step);
    } catch (error) {
      return failed(error);
    }
    const told = name === 'return' ? stopped : arrived;
    const isLater = result instanceof Promise || methodOf(result, 'then');
    return isLater ? Promise.resolve(result).then(told, failed) : told(result);
  };
}

function watchCall<T>({ callSpan, context }: Watched, call: () => T): T {
  try {
    return contextApi.with(context, call);
  } catch (error) {
    callSpan.fail(error);
    throw error;
  }
}

function doneOf(result: unknown): unknown {
  try {
    return (result as IteratorResult<unknown>).done;
  } catch {
    return undefined;
  }
}
