import { context, diag } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { type ModelCall, modelCallOf } from './model-call.ts';
import { watchBody } from './response-facts.ts';

/** The shape of `fetch`, as the openai package takes it in its `fetch` option. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * A fetch for `new OpenAI({ fetch })`: writes first chunk, usage, response model, finish reasons and request id on the
 * model call of the active context. Outside a model call it is plain fetch. Bytes, errors, abort signals and
 * back-pressure pass through untouched. HTTP spans and trace headers are suppressed: a model provider is a stranger.
 */
export function createTracedFetch(fetchImplementation: Fetch = fetch): Fetch {
  return async (input, init) => {
    // The openai package probes fetch with a data: URL before its first upload: that is no request to a model.
    const call = isHttp(input) ? modelCallOf(context.active()) : undefined;
    const attempt = call?.startAttempt();
    try {
      const response = await context.with(suppressTracing(context.active()), () => fetchImplementation(input, init));
      attempt?.answered(response.status, response.headers.get('x-request-id'));
      return call && response.ok ? watched(response, call) : response;
    } catch (error) {
      attempt?.failed(error);
      throw error;
    }
  };
}

/** Watching must never break what is watched. */
function watchSafely(watch: () => void): void {
  try {
    watch();
  } catch (error) {
    diag.warn('a model answer could not be read for its usage', String(error));
  }
}

function isHttp(input: Parameters<Fetch>[0]): boolean {
  return /^https?:/i.test(input instanceof Request ? input.url : String(input));
}

function watched(response: Response, call: ModelCall): Response {
  if (!response.body) return response;
  const watcher = watchBody(response.headers.get('content-type') ?? '', {
    firstContent: () => call.recordFirstChunk(),
    facts: (facts) => call.recordFacts(facts),
  });
  const tap = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      watchSafely(() => watcher.chunk(chunk));
      controller.enqueue(chunk);
    },
    flush: () => watchSafely(() => watcher.end()),
  });
  const body = response.body.pipeThrough(tap);
  const { status, statusText, headers } = response;
  return Object.defineProperty(new Response(body, { status, statusText, headers }), 'url', { value: response.url });
}
