import type { ExportResult } from '@opentelemetry/core';
import type { LogRecordExporter, ReadableLogRecord, ReadWriteLogRecord } from '@opentelemetry/sdk-logs';
import { createLogBatches } from '../../../otel/src/logs/log-batches.ts';

const { jest } = import.meta;

const recordOf = (body: string) => ({ body }) as ReadWriteLogRecord;

/** An exporter that remembers its batches, and answers when it is told to. */
function openExporter({ isSlow = false } = {}) {
  const batches: string[][] = [];
  const answers: (() => void)[] = [];
  const exporter: LogRecordExporter = {
    export(records: ReadableLogRecord[], done: (result: ExportResult) => void) {
      batches.push(records.map(({ body }) => String(body)));
      if (isSlow) answers.push(() => done({ code: 0 }));
      else done({ code: 0 });
    },
    forceFlush: async () => void batches.push(['flushed']),
    shutdown: async () => void batches.push(['shut']),
  };
  return { exporter, batches, answer: () => answers.shift()?.() };
}

const SIZES = { maxQueueSize: 4, maxExportBatchSize: 2, scheduledDelayMillis: 150 };

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('records wait for their time, leave together, and let what else waits leave with them', () => {
  const { exporter, batches } = openExporter();
  let left = 0;
  const logs = createLogBatches({ exporter, ...SIZES, onLeave: () => (left += 1) });
  logs.onEmit(recordOf('one'));
  jest.advanceTimersByTime(149);
  expect(batches).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(batches).toEqual([['one']]);
  expect(left).toBe(1);
});

test('a full batch leaves at once, and so does what is told to leave', () => {
  const { exporter, batches } = openExporter();
  const logs = createLogBatches({ exporter, ...SIZES });
  logs.onEmit(recordOf('one'));
  logs.onEmit(recordOf('two'));
  logs.onEmit(recordOf('three'));
  expect(batches).toEqual([['one', 'two']]);
  logs.leave();
  logs.leave();
  jest.advanceTimersByTime(1000);
  expect(batches).toEqual([['one', 'two'], ['three']]);
});

test('one export is under way at a time; what comes meanwhile waits, and what is too much is dropped', () => {
  const { exporter, batches, answer } = openExporter({ isSlow: true });
  const logs = createLogBatches({ exporter, ...SIZES });
  for (const body of ['1', '2', '3', '4', '5', '6', '7']) logs.onEmit(recordOf(body));
  logs.leave();
  expect(batches).toEqual([['1', '2']]);
  answer();
  answer();
  answer();
  jest.advanceTimersByTime(1000);
  expect(batches).toEqual([
    ['1', '2'],
    ['3', '4'],
    ['5', '6'],
  ]);
});

test('at its end everything has left before anything is waited for, and nothing is taken any more', async () => {
  const { exporter, batches } = openExporter();
  const logs = createLogBatches({ exporter, ...SIZES });
  logs.onEmit(recordOf('one'));
  const shut = logs.shutdown();
  expect(batches[0]).toEqual(['one']);
  await shut;
  logs.onEmit(recordOf('late'));
  jest.advanceTimersByTime(1000);
  expect(batches).toEqual([['one'], ['flushed'], ['shut']]);
});

test('a flush waits for the export that is under way', async () => {
  const { exporter, batches, answer } = openExporter({ isSlow: true });
  const logs = createLogBatches({ exporter, ...SIZES });
  logs.onEmit(recordOf('1'));
  logs.leave();
  logs.onEmit(recordOf('2'));
  const flushed = logs.forceFlush();
  expect(batches).toEqual([['1']]);
  answer();
  await Promise.resolve();
  await Promise.resolve();
  answer();
  await flushed;
  expect(batches).toEqual([['1'], ['2'], ['flushed']]);
});
