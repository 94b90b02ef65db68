import { type BodyTap, endOnce } from './body-tap.ts';
import { isByteStream, relayStream } from './relayed-stream.ts';

type Body = ReadableStream<Uint8Array<ArrayBuffer>>;
type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
type Step = { readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined };

/** Bodies that were dropped unread: their watching ends when they are collected. */
const dropped = new FinalizationRegistry<BodyTap>((tap) => tap.cancelled());

/**
 * Watches the body of `response` where it lies: the readers and iterators that its consumer takes are told of, and what
 * reads it whole (`text()`, `json()`, `arrayBuffer()`) takes one too. Nothing stands between source and consumer, as
 * another stream would cost several promises for each chunk; only what reads without a reader that can be seen (`tee`,
 * `pipeTo`, `pipeThrough`, `clone()`), or into a buffer of its own, reads a relay. `tap` must not hold the response: one
 * that is dropped would never be collected.
 */
export function watchResponse({ body }: Response, tap: BodyTap): void {
  const once = endOnce(tap);
  if (!body) {
    once.read();
    return;
  }
  const { getReader, values, cancel } = body;
  const relay = () => relayStream(body, getReader, once);
  cover(body, 'getReader', (...args: [{ mode?: 'byob' }?]) => {
    if (args[0]?.mode === 'byob' && isByteStream(body)) return relay().getReader(...(args as []));
    return watchReader(Reflect.apply(getReader, body, args) as Reader, once);
  });
  const iterate = (...args: [{ preventCancel?: boolean }?]) =>
    watchIterator(Reflect.apply(values, body, args), once, args[0]?.preventCancel === true);
  cover(body, 'values', iterate);
  cover(body, Symbol.asyncIterator, iterate);
  cover(body, 'cancel', (...args: unknown[]) => {
    if (!body.locked) once.cancelled();
    return Reflect.apply(cancel, body, args);
  });
  for (const key of ['tee', 'pipeTo', 'pipeThrough'] as const) coverRelayed(body, key, relay);
  dropped.register(body, once);
}

function watchReader(reader: Reader, tap: BodyTap): Reader {
  const { read, cancel, releaseLock } = reader;
  let isReleased = false;
  const arrived = stepWatch(tap);
  const failed = (error: unknown) => {
    // What a reader that was let go refuses, the next one may still read.
    if (!isReleased) tap.failed(error);
    throw error;
  };
  cover(reader, 'read', () => Reflect.apply(read, reader, []).then(arrived, failed));
  cover(reader, 'cancel', (...args: unknown[]) => {
    if (!isReleased) tap.cancelled();
    return Reflect.apply(cancel, reader, args);
  });
  cover(reader, 'releaseLock', () => {
    isReleased = true;
    Reflect.apply(releaseLock, reader, []);
  });
  return reader;
}

type BodyIterator = AsyncIterator<Uint8Array<ArrayBuffer>>;

function watchIterator(iterator: BodyIterator, tap: BodyTap, preventsCancel: boolean): BodyIterator {
  const { next } = iterator;
  const arrived = stepWatch(tap);
  const failed = (error: unknown) => {
    tap.failed(error);
    throw error;
  };
  cover(iterator, 'next', () => Reflect.apply(next, iterator, []).then(arrived, failed));
  if (preventsCancel) return iterator;
  const stop = iterator.return;
  cover(iterator, 'return', (...args: unknown[]) => {
    tap.cancelled();
    return stop && Reflect.apply(stop, iterator, args);
  });
  return iterator;
}

function stepWatch(tap: BodyTap): <S extends Step>(step: S) => S {
  return (step) => {
    if (step.done) tap.read();
    else if (step.value) tap.chunk(step.value);
    return step;
  };
}

/** Of a stream that is being read already the method itself says what it says of such ones. */
function coverRelayed(body: Body, key: 'tee' | 'pipeTo' | 'pipeThrough', relay: () => Body): void {
  const original = body[key] as (...args: unknown[]) => unknown;
  cover(body, key, (...args: unknown[]) => {
    if (body.locked) return Reflect.apply(original, body, args);
    const stream = relay();
    return Reflect.apply(stream[key] as typeof original, stream, args);
  });
}

/** An own, invisible property over the method of that name. */
function cover(target: object, key: PropertyKey, value: (...args: never[]) => unknown): void {
  Object.defineProperty(target, key, { value, configurable: true, writable: true });
}
