import { parentPort, workerData } from 'node:worker_threads';
import type { Passage } from '../../domain/ports.ts';
import { readCorpus } from './corpus.ts';
import { openPassageIndex, type PassageQuery } from './passage-index.ts';

export type RetrievalRequest = PassageQuery & { readonly id: number };
export type RetrievalResponse = { readonly id: number; readonly passages: Passage[]; readonly error?: string };

// In a thread of its own: SQLite has no asynchronous interface, and the media loop must send a frame every 20 ms.
if (parentPort) {
  const port = parentPort;
  const index = openPassageIndex(readCorpus((workerData as { folder: string }).folder));
  port.postMessage({ ready: true });
  port.on('message', ({ id, ...query }: RetrievalRequest) => {
    try {
      port.postMessage({ id, passages: index.find(query) } satisfies RetrievalResponse);
    } catch (error) {
      port.postMessage({ id, passages: [], error: String(error) } satisfies RetrievalResponse);
    }
  });
}
