import { context } from '@opentelemetry/api';
import type { Callspan } from '../callspan.ts';
import { createTracedFetch, type Fetch, isTracedFetch } from '../model/traced-fetch.ts';
import { type CallStreams, placeOfWork } from './call-streams.ts';
import type { Guard } from './guard.ts';
import { asksModel } from './model-urls.ts';
import { drainMirror, isNodeResponse, mirrorResponse, type NodeResponse } from './node-response.ts';

/** Fetches that are watched already. */
const watched = new WeakSet<Fetch>();

/** What watching fetches needs. */
export type FetchWatch = { readonly guard: Guard; readonly callspan: Callspan; readonly streams: CallStreams };

/** Model requests by the global fetch (which the openai package from version 5 on uses) get their spans; every other one is as before. */
export function watchGlobalFetch(watch: FetchWatch): void {
  if (typeof globalThis.fetch === 'function') globalThis.fetch = watchFetch(watch, globalThis.fetch) as typeof fetch;
}

/**
 * Lets the clients of a loaded openai package (4 to 7, CommonJS or ES module) send through a watched fetch, whichever they
 * were given. Nothing is changed that a version could have changed but the one method that calls the client's fetch.
 */
export function watchOpenAiClients(watch: FetchWatch, moduleExports: unknown): void {
  const { OpenAI, default: fallback } = moduleExports as { OpenAI?: unknown; default?: unknown };
  const client = typeof OpenAI === 'function' ? OpenAI : fallback;
  const prototype = typeof client === 'function' ? ownerOf(client.prototype, 'fetchWithTimeout') : undefined;
  const original = prototype?.fetchWithTimeout;
  if (!prototype || typeof original !== 'function' || done.has(prototype)) return;
  done.add(prototype);
  prototype.fetchWithTimeout = function (this: { fetch?: Fetch }, ...parameters: unknown[]): unknown {
    watch.guard(() => {
      const isBare = typeof this.fetch === 'function' && !watched.has(this.fetch) && !isTracedFetch(this.fetch);
      if (isBare && this.fetch) this.fetch = watchFetch(watch, this.fetch);
    });
    return Reflect.apply(original, this, parameters);
  };
}

const done = new WeakSet<object>();

function ownerOf(prototype: unknown, name: string): Record<string, unknown> | undefined {
  let owner = prototype;
  while (typeof owner === 'object' && owner !== null && !Object.hasOwn(owner, name))
    owner = Object.getPrototypeOf(owner);
  return typeof owner === 'object' && owner !== null ? (owner as Record<string, unknown>) : undefined;
}

/** `fetchImplementation` with model requests traced; other requests are passed on as they are. */
function watchFetch({ guard, callspan, streams }: FetchWatch, fetchImplementation: Fetch): Fetch {
  const originals = new WeakMap<RequestInit, NodeResponse>();
  const traced = createTracedFetch(
    async (input, init) => {
      const response: Response = await Reflect.apply(fetchImplementation, undefined, [input, init]);
      if (!init || !isNodeResponse(response)) return response;
      const mirror = guard(() => mirrorResponse(response));
      if (!mirror) return response;
      originals.set(init, response);
      return mirror;
    },
    { callspan },
  );
  const watching: Fetch = function (this: unknown, input, init) {
    if (!guard(() => asksModel(input))) return Reflect.apply(fetchImplementation, this, [input, init]);
    const known = init ?? {};
    const place = guard(() => placeOfWork(streams, context.active())) ?? context.active();
    return context
      .with(place, () => traced(input, known))
      .then((response) => {
        const original = originals.get(known);
        if (!original) return response;
        // What the app does not read to its end is told by the stream's own error.
        drainMirror(response).catch(() => undefined);
        return original as unknown as Response;
      });
  };
  watched.add(watching);
  return watching;
}
