import { parentPort, workerData } from 'node:worker_threads';
import { type OutboxStore, openOutboxStore } from './outbox-store.ts';

/** A request to the worker: a method of the store with its arguments. */
export type OutboxRequest = {
  readonly id: number;
  readonly method: keyof OutboxStore;
  readonly args: readonly unknown[];
};
export type OutboxResponse = { readonly id: number; readonly result?: unknown; readonly error?: string };

// In a thread of its own: a commit waits for the disk, and the media loop must send a frame every 20 ms.
if (parentPort) {
  const port = parentPort;
  const store = openOutboxStore((workerData as { file: string }).file);
  port.postMessage({ ready: true });
  port.on('message', ({ id, method, args }: OutboxRequest) => {
    try {
      const run = store[method] as (...values: readonly unknown[]) => unknown;
      port.postMessage({ id, result: run(...args) } satisfies OutboxResponse);
      if (method === 'close') port.close();
    } catch (error) {
      port.postMessage({ id, error: String(error) } satisfies OutboxResponse);
    }
  });
}
