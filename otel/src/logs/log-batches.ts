import { context as contextApi, diag } from '@opentelemetry/api';
import { type ExportResult, suppressTracing } from '@opentelemetry/core';
import type { LogRecordExporter, LogRecordProcessor, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';

/** How records are gathered: as the batch processors of the SDK call it. */
export type LogBatchOptions = {
  readonly exporter: LogRecordExporter;
  /** More are dropped, and counted in what is said of it. */
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
  /** Runs when records left because their time had come: what else waits may leave with them. */
  readonly onLeave?: () => void;
};

/** Log records on their way out. */
export type LogBatches = LogRecordProcessor & {
  /** Lets what waits leave now, unless something is under way. */
  leave(): void;
};

/**
 * Gathers log records as the SDK's own batch processor does, one export at a time; unlike it, it can be told that something
 * else leaves now: whoever takes batches, a thread that writes them, is then woken once for both.
 */
export function createLogBatches(options: LogBatchOptions): LogBatches {
  return new GatheredLogs(options);
}

class GatheredLogs implements LogBatches {
  readonly #options: LogBatchOptions;
  #waiting: ReadWriteLogRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isUnderWay = false;
  /** Resolves when what is under way has been exported. */
  #exported: Promise<void> = Promise.resolve();
  #dropped = 0;
  #isShut = false;

  constructor(options: LogBatchOptions) {
    this.#options = options;
  }

  onEmit(record: ReadWriteLogRecord): void {
    if (this.#isShut) return;
    if (this.#waiting.length >= this.#options.maxQueueSize) {
      if (this.#dropped === 0) diag.warn('log records are dropped: the export is slower than what is logged');
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(record);
    this.#schedule();
  }

  leave(): void {
    if (!this.#isUnderWay && this.#waiting.length > 0) this.#exportSome();
  }

  /** What waits has left when this returns, and is where the exporter keeps it when it resolves. */
  async forceFlush(): Promise<void> {
    while (this.#waiting.length > 0 || this.#isUnderWay) {
      if (this.#isUnderWay) await this.#exported;
      else this.#exportSome();
    }
    await this.#options.exporter.forceFlush?.();
  }

  async shutdown(): Promise<void> {
    if (this.#isShut) return;
    this.#isShut = true;
    await this.forceFlush();
    await this.#options.exporter.shutdown();
  }

  #schedule(): void {
    if (this.#isUnderWay) return;
    if (this.#waiting.length >= this.#options.maxExportBatchSize) {
      this.#exportSome();
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.leave();
      this.#options.onLeave?.();
    }, this.#options.scheduledDelayMillis).unref();
  }

  #exportSome(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const most = this.#options.maxExportBatchSize;
    const batch = this.#waiting.length <= most ? this.#waiting : this.#waiting.splice(0, most);
    if (batch === this.#waiting) this.#waiting = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#exported = promise;
    this.#isUnderWay = true;
    const done = ({ code, error }: ExportResult) => {
      this.#isUnderWay = false;
      this.#dropped = 0;
      if (code !== 0) diag.error(`log records could not be exported: ${error?.message ?? 'no reason given'}`);
      resolve();
      if (this.#waiting.length > 0 && !this.#isShut) this.#schedule();
    };
    contextApi.with(suppressTracing(contextApi.active()), () => this.#options.exporter.export(batch, done));
  }
}
