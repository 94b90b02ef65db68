import { Worker } from 'node:worker_threads';
import type { OutboxCounts, OutboxRow, OutboxStore } from './outbox-store.ts';
import type { OutboxRequest, OutboxResponse } from './outbox-worker.ts';

/** The store, reached in its thread: the same methods, as promises. */
export type OutboxThread = {
  add(row: Parameters<OutboxStore['add']>[0]): Promise<void>;
  lease(nowMs: number, leaseUntilMs: number, limit: number): Promise<OutboxRow[]>;
  remove(id: string): Promise<void>;
  postpone(id: string, nextAtMs: number, error: string): Promise<void>;
  bury(id: string, error: string): Promise<void>;
  count(): Promise<OutboxCounts>;
  close(): Promise<void>;
};

/** Starts the thread on a database file. @throws when the file can not be opened. */
export async function startOutboxThread(file: string): Promise<OutboxThread> {
  const worker = new Worker(new URL('./outbox-worker.ts', import.meta.url), { workerData: { file }, execArgv: [] });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let nextId = 0;
  const opened = Promise.withResolvers<void>();
  let dead: Error | undefined;
  worker.on('message', (message: OutboxResponse | { readonly ready: true }) => {
    if ('ready' in message) {
      opened.resolve();
      return;
    }
    const { id, result, error } = message;
    const request = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) request?.resolve(result);
    else request?.reject(new Error(error));
  });
  const failAll = (error: Error) => {
    dead ??= error;
    opened.reject(dead);
    for (const request of waiting.values()) request.reject(error);
    waiting.clear();
  };
  worker.on('error', failAll);
  worker.on('exit', () => failAll(new Error('the outbox thread has ended')));
  const call = <T>(method: OutboxRequest['method'], ...args: readonly unknown[]): Promise<T> => {
    if (dead) return Promise.reject(dead);
    const id = nextId;
    nextId += 1;
    const request = Promise.withResolvers<unknown>();
    waiting.set(id, request);
    worker.postMessage({ id, method, args } satisfies OutboxRequest);
    return request.promise as Promise<T>;
  };
  await opened.promise;
  return {
    add: (row) => call('add', row),
    lease: (...args) => call('lease', ...args),
    remove: (id) => call('remove', id),
    postpone: (...args) => call('postpone', ...args),
    bury: (...args) => call('bury', ...args),
    count: () => call('count'),
    async close() {
      await call('close').catch(() => undefined);
      await worker.terminate();
    },
  };
}
