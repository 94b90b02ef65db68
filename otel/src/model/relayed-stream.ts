import type { BodyTap } from './body-tap.ts';

type Body = ReadableStream<Uint8Array<ArrayBuffer>>;

/**
 * A stream that reads `body` when it is asked itself, chunk for chunk, and tells `tap` of it; a cancel reaches the source.
 * It is a byte stream when `body` is one. `getReader` is the one by which `body` is read.
 */
export function relayStream(body: Body, getReader: Body['getReader'], tap: BodyTap): Body {
  const isBytes = isByteStream(body);
  const reader = Reflect.apply(getReader, body, []) as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  const source = {
    async pull(controller: Sink) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          tap.read();
          controller.close();
          // A reader that brought its own buffer still waits for its answer.
          controller.byobRequest?.respond(0);
          return;
        }
        tap.chunk(value);
        controller.enqueue(value);
      } catch (error) {
        tap.failed(error);
        controller.error(error);
      }
    },
    cancel(reason: unknown) {
      tap.cancelled();
      return reader.cancel(reason);
    },
  };
  // Without a queue of its own the stream asks the source exactly when it is asked.
  return isBytes
    ? new ReadableStream({ ...source, type: 'bytes' }, { highWaterMark: 0 })
    : new ReadableStream(source, { highWaterMark: 0 });
}

type Sink = {
  readonly byobRequest?: { respond(bytes: number): void } | null;
  close(): void;
  enqueue(chunk: Uint8Array<ArrayBuffer>): void;
  error(reason: unknown): void;
};

/** Whether `body` can be read into a buffer of the reader's own. Asked past whoever watches it: that would be a reading. */
export function isByteStream(body: Body): boolean {
  try {
    const { getReader } = Object.getPrototypeOf(body) as Body;
    Reflect.apply(getReader, body, [{ mode: 'byob' }]).releaseLock();
    return true;
  } catch {
    return false;
  }
}
