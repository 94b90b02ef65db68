import { context, diag } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { LogRecordExporter, LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { catchUp } from '../deferred.ts';

/** As the processors of the SDK name them. */
export type BatchLimits = {
  /** So many records wait at most; what comes then is dropped, and counted. */
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
};

/** Exporters straight to a receiver refuse more than thirty requests at once. */
const MAX_AT_ONCE = 16;

/**
 * Sends log records in batches, one after the other. Unlike the SDK's own processor it hands over before `forceFlush`
 * returns: at the end of a process nothing asynchronous comes to its end any more, and its last words are what is looked for.
 */
export function createLogBatches(exporter: LogRecordExporter, limits: BatchLimits): LogRecordProcessor {
  let queue: ReadableLogRecord[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isSending = false;
  let isOver = false;
  let dropped = 0;
  const exportNext = (): Promise<void> =>
    new Promise((resolve) => {
      const batch = queue.slice(0, limits.maxExportBatchSize);
      queue = queue.slice(batch.length);
      context.with(suppressTracing(context.active()), () =>
        exporter.export(batch, ({ code, error }) => {
          if (code !== 0)
            diag.warn(`${batch.length} log records were not exported:`, error?.message ?? 'no reason given');
          resolve();
        }),
      );
    });
  const send = async () => {
    if (isSending) return;
    isSending = true;
    try {
      while (queue.length > 0) await exportNext();
    } finally {
      isSending = false;
    }
  };
  const schedule = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void send();
    }, limits.scheduledDelayMillis).unref();
  };
  const tellDropped = () => {
    if (dropped > 0) diag.warn(`${dropped} log records were dropped: ${limits.maxQueueSize} were waiting`);
    dropped = 0;
  };
  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    tellDropped();
    const first: Promise<void>[] = [];
    while (queue.length > 0 && first.length < MAX_AT_ONCE) first.push(exportNext());
    await Promise.all(first);
    while (queue.length > 0) await exportNext();
  };
  return {
    onEmit(record) {
      if (isOver) return;
      if (queue.length >= limits.maxQueueSize) {
        dropped += 1;
        return;
      }
      queue.push(record);
      if (queue.length >= limits.maxExportBatchSize) void send();
      else schedule();
    },
    async forceFlush() {
      await flush();
      await exporter.forceFlush?.();
    },
    async shutdown() {
      isOver = true;
      await flush();
      await exporter.shutdown();
    },
  };
}

/** The first of the processors: what waits to become a record is one before a flush is done. */
export function createLogCatchUp(): LogRecordProcessor {
  return {
    onEmit() {},
    async forceFlush() {
      catchUp();
    },
    async shutdown() {
      catchUp();
    },
  };
}
