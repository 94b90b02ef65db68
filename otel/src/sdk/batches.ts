import { context, TraceFlags } from '@opentelemetry/api';
import { type ExportResult, suppressTracing } from '@opentelemetry/core';
import type { LogRecordExporter, LogRecordProcessor } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import { catchUp, isCatchUpComing, onCaughtUp } from '../deferred.ts';
import { warnQuietly } from '../quiet-warning.ts';

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
/** As the SDK's: an answer that does not come keeps nothing else from leaving. */
const ANSWER_WITHIN_MS = 30_000;

type Exporter<Item> = {
  export(items: Item[], done: (result: ExportResult) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
};

/**
 * Sends ended spans in batches. Unlike the SDK's own processor it hands over as soon as the spans have been told of, with
 * the log records: both go to the disk together, and nothing but the disk stands between a span and a kill -9 then.
 * @param onDropped told of each span for which there was no room
 */
export function createSpanBatches(
  exporter: SpanExporter,
  limits: BatchLimits,
  onDropped?: (span: ReadableSpan) => void,
): SpanProcessor {
  const { add, forceFlush, shutdown } = createBatches(exporter, limits, 'spans', onDropped);
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
function createBatches<Item>(
  exporter: Exporter<Item>,
  limits: BatchLimits,
  what: string,
  onDropped?: (item: Item) => void,
) {
  const { maxQueueSize, maxExportBatchSize, scheduledDelayMillis } = limits;
  let queue: Item[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isSending = false;
  let isOver = false;
  let dropped = 0;
  let unanswered = 0;
  const exportNext = (): Promise<void> =>
    new Promise((resolve) => {
      const batch = queue.slice(0, maxExportBatchSize);
      queue = queue.slice(batch.length);
      unanswered += 1;
      exportOnce(exporter, batch, (error) => {
        unanswered -= 1;
        resolve();
        // Without a number: equal lines are told once a minute.
        if (error) warnQuietly(`${what} were not exported: ${error.message}`);
      });
    });
  const wait = () => {
    if (isCatchUpComing()) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      void send();
    }, scheduledDelayMillis).unref();
  };
  const send = async () => {
    if (isSending) return;
    isSending = true;
    // No more than is there now: what an exporter makes itself would keep it going for ever.
    for (let left = queue.length; left > 0; left -= maxExportBatchSize) await exportNext();
    isSending = false;
    if (queue.length > 0) wait();
  };
  const forget = onCaughtUp(() => {
    if (queue.length > 0) void send();
  });
  const tellDropped = () => {
    if (dropped > 0) warnQuietly(`${dropped} ${what} were dropped: ${maxQueueSize} were waiting`);
    dropped = 0;
  };
  const flush = async () => {
    clearTimeout(timer);
    timer = undefined;
    tellDropped();
    const first: Promise<void>[] = [];
    let left = queue.length;
    for (; left > 0 && unanswered < MAX_AT_ONCE; left -= maxExportBatchSize) first.push(exportNext());
    await Promise.all(first);
    for (; left > 0; left -= maxExportBatchSize) await exportNext();
  };
  return {
    add(item: Item): void {
      if (isOver) return;
      if (queue.length >= maxQueueSize) {
        dropped += 1;
        onDropped?.(item);
        return;
      }
      tellDropped();
      queue.push(item);
      if (queue.length >= maxExportBatchSize) void send();
      else wait();
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

/** `done` is called once, whatever the exporter does: answers, answers twice, throws, or says nothing. */
function exportOnce<Item>(exporter: Exporter<Item>, items: Item[], done: (error?: Error) => void): void {
  let isDone = false;
  let tooLate: NodeJS.Timeout | undefined;
  const answer = ({ code, error = new Error('no reason given') }: ExportResult) => {
    if (isDone) return;
    isDone = true;
    clearTimeout(tooLate);
    done(code === 0 ? undefined : error);
  };
  try {
    context.with(suppressTracing(context.active()), () => exporter.export(items, answer));
  } catch (error) {
    answer({ code: 1, error: error instanceof Error ? error : new Error(String(error)) });
  }
  if (isDone) return;
  const error = new Error(`no answer within ${ANSWER_WITHIN_MS / 1000} s`);
  tooLate = setTimeout(() => answer({ code: 1, error }), ANSWER_WITHIN_MS).unref();
}
