import { watchSafely } from './watch-safely.ts';

/** Told how a body went by. Each of the three last ends it, once. */
export type BodyTap = {
  chunk(bytes: Uint8Array): void;
  /** Read to its end. */
  read(): void;
  /** The consumer wanted no more, or forgot it. */
  cancelled(): void;
  failed(error: unknown): void;
};

/** Bodies that were dropped unread: their watching ends when they are collected. */
const dropped = new FinalizationRegistry<() => void>((forget) => forget());

/**
 * `response` with its body watched. The body is read only when the consumer asks, chunk for chunk; a cancel reaches the
 * source; what a fetched response knows beside its body (url, redirected, type) stays, also on clones.
 */
export function watchResponse(response: Response, tap: BodyTap): Response {
  const { body, status, statusText, headers } = response;
  if (!body) {
    watchSafely(() => tap.read());
    return response;
  }
  return dress(new Response(watchStream(body, tap), { status, statusText, headers }), response);
}

/** What `new Response` cannot be told. */
function dress(made: Response, original: Response): Response {
  const { url, redirected, type } = original;
  return Object.defineProperties(made, {
    url: { value: url },
    redirected: { value: redirected },
    type: { value: type },
    clone: { value: () => dress(Response.prototype.clone.call(made), original) },
  });
}

function watchStream(body: ReadableStream<Uint8Array<ArrayBuffer>>, tap: BodyTap): ReadableStream<Uint8Array> {
  const isBytes = isByteStream(body);
  const reader = body.getReader();
  let isOver = false;
  const over = (tell: () => void) => {
    if (isOver) return;
    isOver = true;
    watchSafely(tell);
  };
  const source = {
    async pull(controller: Sink) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          over(() => tap.read());
          controller.close();
          // A reader that brought its own buffer still waits for its answer.
          controller.byobRequest?.respond(0);
          return;
        }
        watchSafely(() => tap.chunk(value));
        controller.enqueue(value);
      } catch (error) {
        over(() => tap.failed(error));
        controller.error(error);
      }
    },
    cancel(reason: unknown) {
      over(() => tap.cancelled());
      return reader.cancel(reason);
    },
  };
  // Without a queue of its own the stream asks the source exactly when it is asked.
  const stream = isBytes
    ? new ReadableStream({ ...source, type: 'bytes' }, { highWaterMark: 0 })
    : new ReadableStream<Uint8Array>(source, { highWaterMark: 0 });
  dropped.register(stream, () => over(() => tap.cancelled()));
  return stream;
}

type Sink = {
  readonly byobRequest?: { respond(bytes: number): void } | null;
  close(): void;
  enqueue(chunk: Uint8Array<ArrayBuffer>): void;
  error(reason: unknown): void;
};

function isByteStream(body: ReadableStream): boolean {
  try {
    body.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
