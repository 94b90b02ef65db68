import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, context as contextApi } from '@opentelemetry/api';

/**
 * `work`, run in `where` whoever calls it. What other asynchronous stores held when it was bound, it finds there, too, as
 * with AsyncResource.bind. Made for media frames: entering a snapshot copies nothing, entering a context copies every store.
 */
export function bindToContext<T>(where: Context, work: T & ((...args: never[]) => unknown)): T {
  const enter = contextApi.with(where, () => AsyncLocalStorage.snapshot());
  const bound = function bound(this: unknown, ...args: never[]): unknown {
    return enter(() => Reflect.apply(work, this, args));
  };
  Object.defineProperty(bound, 'length', { value: work.length, configurable: true });
  return bound as T;
}
