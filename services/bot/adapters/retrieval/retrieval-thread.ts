import { Worker } from 'node:worker_threads';
import { ProviderError } from '../../domain/errors.ts';
import type { Passage, Retriever } from '../../domain/ports.ts';
import type { RetrievalRequest, RetrievalResponse } from './retrieval-worker.ts';

/** A retriever over a corpus, and its end. */
export type RetrievalThread = { readonly port: Retriever; close(): Promise<void> };

/**
 * Starts the thread that indexes the corpus of a folder (see `corpus.ts`).
 * @throws when the folder cannot be read or holds no passage
 */
export async function startRetrieval(folder: string): Promise<RetrievalThread> {
  const worker = new Worker(new URL('./retrieval-worker.ts', import.meta.url), {
    workerData: { folder },
    execArgv: [],
  });
  const waiting = new Map<number, PromiseWithResolvers<readonly Passage[]>>();
  const opened = Promise.withResolvers<void>();
  let dead: ProviderError | undefined;
  let nextId = 0;
  worker.on('message', (message: RetrievalResponse | { readonly ready: true }) => {
    if ('ready' in message) {
      opened.resolve();
      return;
    }
    const request = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) request?.resolve(message.passages);
    else request?.reject(new ProviderError('api', 'the index could not be searched', message.error));
  });
  const failAll = (error: unknown) => {
    dead ??= new ProviderError('api', 'the retrieval thread has ended', error);
    opened.reject(error);
    for (const request of waiting.values()) request.reject(dead);
    waiting.clear();
  };
  worker.on('error', failAll);
  worker.on('exit', () => failAll(new Error('the retrieval thread has ended')));
  await opened.promise;
  return {
    port: {
      async retrieve({ question, language, signal }) {
        if (dead) throw dead;
        if (signal.aborted) throw stopped(signal);
        nextId += 1;
        const id = nextId;
        const request = Promise.withResolvers<readonly Passage[]>();
        const stop = () => request.reject(stopped(signal));
        waiting.set(id, request);
        signal.addEventListener('abort', stop, { once: true });
        worker.postMessage({ id, question, language } satisfies RetrievalRequest);
        try {
          return await request.promise;
        } finally {
          waiting.delete(id);
          signal.removeEventListener('abort', stop);
        }
      },
    },
    async close() {
      await worker.terminate();
    },
  };
}

/** Who stopped the search knows why: a deadline, a barge-in, a hang-up. */
function stopped({ reason }: AbortSignal): ProviderError {
  return reason instanceof ProviderError ? reason : new ProviderError('cancelled', 'stopped', reason);
}
