import { context, diag, TraceFlags } from '@opentelemetry/api';
import { type ExportResult, suppressTracing } from '@opentelemetry/core';
import type { LogRecordExporter, LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import { catchUp, isCatchUpComing, onCaughtUp } from '../deferred.ts';

/** As the processors of the SDK name them. */
export type BatchLimits = {
  /** So many items wait at most; what comes then is dropped, and counted. */
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  /** While nothing is deferred; else what waits leaves when the deferred work has been done. */
  readonly scheduledDelayMillis: number;
};

/** Exporters straight to a receiver refuse more than thirty requests at once. */
const MAX_AT_ONCE = 16;

type Exporter<Item> = {
  export(items: Item[], done: (result: ExportResult) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
};

/**
 * Sends ended spans in batches. Unlike the SDK's own processor it hands over as soon as the spans have been told of, with
 * the log records: both go to the disk together, and nothing but the disk stands between a span and a kill -9 then.
 */
export function createSpanBatches(exporter: SpanExporter, limits: BatchLimits): SpanProcessor {
  const { add, forceFlush, shutdown } = createBatches(exporter, limits, 'spans');
  return {
    onStart() {},
    onEnd(span) {
      if (span.spanContext().traceFlags & TraceFlags.SAMPLED) add(span);
    },
    forceFlush,
    shutdown,
  };
}

/** The same for log records; the SDK's processor waits for a promise before it exports, and a process may end first. */
export function createLogBatches(exporter: LogRecordExporter, limits: BatchLimits): LogRecordProcessor {
  const { add, forceFlush, shutdown } = createBatches(exporter, limits, 'log records');
  return { onEmit: add, forceFlush, shutdown };
}

/** The first of the log processors: what waits to become a record is one before a flush is done. */
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

/**
 * Batches, one after the other. `forceFlush` and `shutdown` have handed over before they return, as far as the exporter
 * takes without waiting: at the end of a process nothing asynchronous comes to its end any more.
 */
function createBatches<Item>(exporter: Exporter<Item>, limits: BatchLimits, what: string) {
  const { maxQueueSize, maxExportBatchSize, scheduledDelayMillis } = limits;
  let queue: Item[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isSending = false;
  let isOver = false;
  let dropped = 0;
  const unanswered = new Set<Item[]>();
  const exportNext = (): Promise<void> =>
    new Promise((resolve) => {
      const batch = queue.slice(0, maxExportBatchSize);
      queue = queue.slice(batch.length);
      unanswered.add(batch);
      const answer = ({ code, error }: ExportResult) => {
        if (!unanswered.delete(batch)) return;
        if (code !== 0) diag.warn(`${batch.length} ${what} were not exported:`, error?.message ?? 'no reason given');
        resolve();
      };
      try {
        context.with(suppressTracing(context.active()), () => exporter.export(batch, answer));
      } catch (error) {
        answer({ code: 1, error: new Error(String(error)) });
      }
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
  const forget = onCaughtUp(() => {
    if (queue.length > 0) void send();
  });
  const schedule = () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void send();
    }, scheduledDelayMillis).unref();
  };
  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    if (dropped > 0) diag.warn(`${dropped} ${what} were dropped: ${maxQueueSize} were waiting`);
    dropped = 0;
    const first: Promise<void>[] = [];
    while (queue.length > 0 && unanswered.size < MAX_AT_ONCE) first.push(exportNext());
    await Promise.all(first);
    while (queue.length > 0) await exportNext();
  };
  return {
    add(item: Item): void {
      if (isOver) return;
      if (queue.length >= maxQueueSize) {
        dropped += 1;
        return;
      }
      queue.push(item);
      if (queue.length >= maxExportBatchSize) void send();
      else if (!isCatchUpComing()) schedule();
    },
    async forceFlush() {
      await flush();
      await exporter.forceFlush?.();
    },
    async shutdown() {
      isOver = true;
      forget();
      await flush();
      await exporter.shutdown();
    },
  };
}
