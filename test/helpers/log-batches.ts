import { diag } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { createLogBatches, createLogCatchUp } from '../../otel/src/sdk/batches.ts';

export const LIMITS = { maxQueueSize: 10, maxExportBatchSize: 4, scheduledDelayMillis: 50 };

/** A provider whose exporter answers when it is told to. */
export function startLogs(limits = LIMITS) {
  const sent: string[][] = [];
  const told: string[] = [];
  const unanswered: ((result: ExportResult) => void)[] = [];
  const exporter = {
    export(records: ReadableLogRecord[], done: (result: ExportResult) => void) {
      sent.push(records.map(({ body }) => String(body)));
      unanswered.push(done);
    },
    forceFlush: async () => void told.push('exporter flush'),
    shutdown: async () => void told.push('exporter shutdown'),
  };
  const provider = new LoggerProvider({ processors: [createLogCatchUp(), createLogBatches(exporter, limits)] });
  const logger = provider.getLogger('test');
  const answer = async (result: ExportResult = { code: 0 }) => {
    for (const done of unanswered.splice(0)) done(result);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { sent, told, provider, answer, emit: (body: string) => logger.emit({ body }) };
}

/** What is told as a warning. */
export function listenToWarnings(): string[] {
  const warned: string[] = [];
  const warn = (...words: unknown[]) => void warned.push(words.join(' '));
  diag.setLogger({ verbose() {}, debug() {}, info() {}, warn, error() {} });
  return warned;
}
