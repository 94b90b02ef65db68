import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context as contextApi, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';

/** Runs what it is given, somewhere. */
export type Entering = <R>(work: () => R) => R;

/** Unlike the root, it is active only where somebody makes it so. */
const PROBE = ROOT_CONTEXT.setValue(createContextKey('callspan probe'), true);

/** Nobody keeps contexts here: what runs, runs where it would without us. */
const stayHere: Entering = (work) => work();

/**
 * Runs what it is given in `where`. What other asynchronous stores hold now, they hold then, too, as with
 * AsyncResource.bind: entering a snapshot copies nothing, entering a context copies every store. In a process without
 * contexts (no SDK, or turned off) it runs where it is.
 */
export function enterLater(where: Context): Entering {
  const seen = where === ROOT_CONTEXT ? PROBE : where;
  const isKept = contextApi.with(seen, () => contextApi.active() === seen);
  return isKept ? contextApi.with(where, () => AsyncLocalStorage.snapshot()) : stayHere;
}

/** `work`, run in `where` whoever calls it, fifty times a second for media frames (see `enterLater`). */
export function bindToContext<T>(where: Context, work: T & ((...args: never[]) => unknown)): T {
  const enter = enterLater(where);
  if (enter === stayHere) return work;
  const bound = function bound(this: unknown, ...args: never[]): unknown {
    return enter(() => Reflect.apply(work, this, args));
  };
  Object.defineProperty(bound, 'length', { value: work.length, configurable: true });
  return bound as T;
}
