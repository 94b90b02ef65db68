import { diag } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { deferred, startDeferring, stopDeferring } from '../../../otel/src/deferred.ts';
import { createLogBatches, createLogCatchUp } from '../../../otel/src/sdk/log-batches.ts';

const { jest } = import.meta;
const LIMITS = { maxQueueSize: 10, maxExportBatchSize: 4, scheduledDelayMillis: 50 };

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  stopDeferring();
  diag.disable();
  jest.useRealTimers();
});

/** A provider whose exporter answers when it is told to. */
function startLogs(limits = LIMITS) {
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

test('records leave together, a moment after the first of them', () => {
  const { sent, emit } = startLogs();
  emit('a');
  jest.advanceTimersByTime(30);
  emit('b');
  expect(sent).toEqual([]);
  jest.advanceTimersByTime(20);
  expect(sent).toEqual([['a', 'b']]);
});

test('a full batch leaves at once, and the next when it has been taken', async () => {
  const { sent, emit, answer } = startLogs();
  for (const body of ['1', '2', '3', '4', '5', '6']) emit(body);
  expect(sent).toEqual([['1', '2', '3', '4']]);
  await answer();
  expect(sent).toEqual([
    ['1', '2', '3', '4'],
    ['5', '6'],
  ]);
});

test('a flush has handed over all before it returns, also what waited to become a record', () => {
  startDeferring();
  const { sent, provider, emit } = startLogs();
  const later = deferred<string>(emit);
  for (const body of ['1', '2', '3', '4', '5']) emit(body);
  later('last words');
  void provider.forceFlush();
  expect(sent.flat()).toEqual(['1', '2', '3', '4', '5', 'last words']);
});

test('a shutdown sends what is there, then nothing more', async () => {
  const { sent, told, provider, emit, answer } = startLogs();
  emit('a');
  const over = provider.shutdown();
  await answer();
  await over;
  emit('b');
  jest.advanceTimersByTime(1000);
  expect([sent, told]).toEqual([[['a']], ['exporter shutdown']]);
});

test('what has no room is dropped, what is refused is lost, and both are told', async () => {
  const warned: string[] = [];
  const warn = (...words: unknown[]) => void warned.push(words.join(' '));
  diag.setLogger({ verbose() {}, debug() {}, info() {}, warn, error() {} });
  const { provider, emit, answer } = startLogs({ ...LIMITS, maxQueueSize: 2 });
  for (const body of ['a', 'b', 'c', 'd']) emit(body);
  const flushed = provider.forceFlush();
  await answer({ code: 1, error: new Error('the disk is full') });
  await flushed;
  expect(warned).toEqual([
    '2 log records were dropped: 2 were waiting',
    '2 log records were not exported: the disk is full',
  ]);
});
