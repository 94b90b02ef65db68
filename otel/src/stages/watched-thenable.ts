import { type Context, context as contextApi } from '@opentelemetry/api';
import { coverProperty, methodOf, readSafely } from './own-property.ts';

/** What is told of a result that comes later. */
export type ResultWatch = {
  /** The context in which the result is asked for. */
  readonly context: Context;
  /** The result came, told once; what this returns is what the first consumer gets. */
  arrived(value: unknown): unknown;
  failed(error: unknown): void;
};

type Method = (...args: unknown[]) => unknown;

/** A promise whose class adds nothing: nobody can miss the object itself. */
export function isPlainPromise(value: unknown): value is Promise<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return readSafely(() => Object.getPrototypeOf(value) === Promise.prototype) === true;
}

/** A promise that settles as `promise` does, after it was told: a rejection that nobody handles stays one. */
export function followPromise(watch: Pick<ResultWatch, 'arrived' | 'failed'>, promise: Promise<unknown>) {
  return promise.then(
    (value) => watch.arrived(value),
    (error: unknown) => {
      watch.failed(error);
      throw error;
    },
  );
}

/**
 * Watches a thenable of somebody's own in place. Asking it for its result may start work (the openai package parses, a
 * query builder asks its database): whoever asks first, by `then`, `catch`, `finally`, or by `withResponse` or
 * `asResponse` of the openai package, is watched instead.
 * @returns false when it is none, or takes no change
 */
export function watchThenable(watch: ResultWatch, thenable: unknown): boolean {
  const originalThen = methodOf(thenable, 'then');
  if (!originalThen) return false;
  const covers: (() => void)[] = [];
  let isAsked = false;
  let isSettled = false;
  const settle = <T>(finish: () => T): T | undefined => {
    if (isSettled) return undefined;
    isSettled = true;
    for (const uncover of covers) uncover();
    return finish();
  };
  const asked = () => {
    isAsked = true;
  };
  const once: ResultWatch = {
    context: watch.context,
    arrived: (value) => (isSettled ? value : settle(() => watch.arrived(value))),
    failed: (error) => settle(() => watch.failed(error)),
  };
  const watchedThen = thenOf({ ...once, asked }, originalThen);
  const cover = (key: string, watched: (original: Method) => Method) => {
    const original = methodOf(thenable, key);
    if (!original) return;
    const uncover = coverProperty(thenable as object, key, function (this: unknown, ...args: unknown[]) {
      return Reflect.apply(isSettled ? original : watched(original), this, args);
    });
    if (uncover) covers.push(uncover);
  };
  cover('then', () => watchedThen);
  if (covers.length === 0) return false;
  for (const key of ['catch', 'finally']) cover(key, (original) => afterThen(key, watchedThen, original));
  // Only what can be told apart from another method of that name.
  if (methodOf(thenable, 'withResponse') && methodOf(thenable, 'asResponse')) {
    cover('withResponse', (original) => withResponseOf(watchedThen, original));
    // Who also asks for the result goes on working after the response came.
    const response = { ...once, arrived: (value: unknown) => (isAsked ? value : once.arrived(value)) };
    cover('asResponse', (original) => responseOf(response, original));
  }
  return true;
}

function thenOf(watch: ResultWatch & { asked(): void }, original: Method): Method {
  return function (this: unknown, onValue?: unknown, onError?: unknown): unknown {
    watch.asked();
    const value = (result: unknown) => {
      const watched = watch.arrived(result);
      return typeof onValue === 'function' ? onValue(watched) : watched;
    };
    const failed = (error: unknown) => {
      watch.failed(error);
      if (typeof onError === 'function') return onError(error);
      throw error;
    };
    // The handlers are the consumer's: they run where the consumer stands, not inside the stage.
    const consumer = contextApi.active();
    const handlers = [contextApi.bind(consumer, value), contextApi.bind(consumer, failed)];
    return contextApi.with(watch.context, () => Reflect.apply(original, this, handlers));
  };
}

/** Asks for the result first, and then what that gives for `key`, which settles alike. */
function afterThen(key: string, watchedThen: Method, original: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    const asked = Reflect.apply(watchedThen, this, []);
    const method = methodOf(asked, key);
    return method ? Reflect.apply(method, asked, args) : Reflect.apply(original, this, args);
  };
}

/** The package keeps what it has parsed: asking for the result first costs nothing. */
function withResponseOf(watchedThen: Method, original: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    const asked = Reflect.apply(watchedThen, this, []) as Promise<unknown>;
    return asked.then(() => Reflect.apply(original, this, args));
  };
}

/** Whoever takes the raw response reads its body where nobody sees it: it is handed over, and the work is done. */
function responseOf(watch: ResultWatch, original: Method): Method {
  return function (this: unknown, ...args: unknown[]): unknown {
    const response = contextApi.with(watch.context, () => Reflect.apply(original, this, args));
    return isPlainPromise(response) ? followPromise(watch, response) : response;
  };
}
