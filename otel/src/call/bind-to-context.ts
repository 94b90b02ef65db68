import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context as contextApi } from '@opentelemetry/api';

/**
 * Runs what it is given in `where`. What other asynchronous stores hold now, they hold then, too, as with
 * AsyncResource.bind: entering a snapshot copies nothing, entering a context copies every store.
 */
export function enterLater(where: Context): <R>(work: () => R) => R {
  return contextApi.with(where, () => AsyncLocalStorage.snapshot());
}

/** `work`, run in `where` whoever calls it, fifty times a second for media frames (see `enterLater`). */
export function bindToContext<T>(where: Context, work: T & ((...args: never[]) => unknown)): T {
  const enter = enterLater(where);
  const bound = function bound(this: unknown, ...args: never[]): unknown {
    return enter(() => Reflect.apply(work, this, args));
  };
  Object.defineProperty(bound, 'length', { value: work.length, configurable: true });
  return bound as T;
}
