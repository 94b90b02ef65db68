import { diag } from '@opentelemetry/api';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { createLogBatches } from '../../../otel/src/sdk/batches.ts';
import { LIMITS, listenToWarnings, startLogs } from '../../helpers/log-batches.ts';

const { jest } = import.meta;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  diag.disable();
  jest.useRealTimers();
});

test('what has no room is dropped, what is refused is lost, and both are told', async () => {
  const warned = listenToWarnings();
  const { provider, emit, answer } = startLogs({ ...LIMITS, maxQueueSize: 2 });
  for (const body of ['a', 'b', 'c', 'd']) emit(body);
  const flushed = provider.forceFlush();
  await answer({ code: 1, error: new Error('the disk is full') });
  await flushed;
  expect(warned).toEqual([
    '2 log records were dropped: 2 were waiting',
    'log records were not exported: the disk is full',
  ]);
});

test('an exporter that throws loses its batch alone, and that is told', async () => {
  const warned = listenToWarnings();
  const sent: string[] = [];
  const batches = createLogBatches(
    {
      export([record], done) {
        if (record?.body === 'bad') throw new TypeError('no such record');
        sent.push(String(record?.body));
        done({ code: 0 });
        throw new TypeError('once it was taken');
      },
      forceFlush: async () => undefined,
      shutdown: async () => undefined,
    },
    { ...LIMITS, maxExportBatchSize: 1 },
  );
  const logger = new LoggerProvider({ processors: [batches] }).getLogger('test');
  for (const body of ['bad', 'good']) logger.emit({ body });
  await batches.forceFlush();
  expect(sent).toEqual(['good']);
  expect(warned).toEqual(['log records were not exported: no such record']);
});

test('an answer that does not come is given up after 30 s, and what follows leaves', async () => {
  const warned = listenToWarnings();
  const { sent, emit } = startLogs();
  emit('a');
  await jest.advanceTimersByTimeAsync(50);
  emit('b');
  await jest.advanceTimersByTimeAsync(29_999);
  expect([sent, warned]).toEqual([[['a']], []]);
  await jest.advanceTimersByTimeAsync(51);
  expect(sent).toEqual([['a'], ['b']]);
  expect(warned).toEqual(['log records were not exported: no answer within 30 s']);
});

test('what was dropped is told as soon as there is room again', async () => {
  const warned = listenToWarnings();
  const { sent, emit, answer } = startLogs({ ...LIMITS, maxQueueSize: 4 });
  for (let record = 0; record < 10; record += 1) emit(`${record}`);
  expect(warned).toEqual([]);
  await answer();
  await jest.advanceTimersByTimeAsync(50);
  emit('later');
  expect(warned).toEqual(['2 log records were dropped: 4 were waiting']);
  expect(sent.flat()).toHaveLength(8);
});

test('a flush asks a receiver for no more than sixteen batches at once', async () => {
  const { sent, provider, emit, answer } = startLogs({ ...LIMITS, maxQueueSize: 1000, maxExportBatchSize: 2 });
  for (let record = 0; record < 70; record += 1) emit(`${record}`);
  const flushed = provider.forceFlush();
  expect(sent).toHaveLength(16);
  while (sent.flat().length < 70) await answer();
  await answer();
  await flushed;
});

test('an exporter that makes records itself does not keep a flush from its end', () => {
  let exports = 0;
  const batches = createLogBatches(
    {
      export(_records, done) {
        exports += 1;
        if (exports < 100) logger.emit({ body: 'refused' });
        done({ code: 1, error: new Error('refused') });
      },
      forceFlush: async () => undefined,
      shutdown: async () => undefined,
    },
    LIMITS,
  );
  const logger = new LoggerProvider({ processors: [batches] }).getLogger('test');
  logger.emit({ body: 'a' });
  void batches.forceFlush();
  expect(exports).toBe(1);
});

test('a diagnostics logger that throws costs nothing', async () => {
  const { sent, emit, answer } = startLogs();
  diag.setLogger({
    verbose() {},
    debug() {},
    info() {},
    warn() {
      throw new Error('no');
    },
    error() {},
  });
  emit('a');
  await jest.advanceTimersByTimeAsync(50);
  await answer({ code: 1, error: new Error('refused') });
  emit('b');
  await jest.advanceTimersByTimeAsync(50);
  expect(sent).toEqual([['a'], ['b']]);
});
