/** A queue between a producer and one consumer: the producer never waits, the consumer iterates. */
export type Queue<T> = AsyncIterable<T> & {
  push(item: T): void;
  /** No more items; with an error the consumer gets it after the items that were pushed before. */
  close(error?: unknown): void;
};

export function createQueue<T>(): Queue<T> {
  const items: T[] = [];
  let closed = false;
  let failure: unknown;
  let wake = Promise.withResolvers<void>();
  const signal = () => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  return {
    push(item) {
      items.push(item);
      signal();
    },
    close(error) {
      closed = true;
      failure = error;
      signal();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const item = items.shift();
        if (item !== undefined) yield item;
        else if (closed) {
          if (failure !== undefined) throw failure;
          return;
        } else await wake.promise;
      }
    },
  };
}
