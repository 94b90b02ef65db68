import { diag } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import { LoggerProvider, type ReadableLogRecord } from '@opentelemetry/sdk-logs';
import {
  AlwaysOffSampler,
  createAlwaysRecordSampler,
  type ReadableSpan,
  type Sampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { deferred, startDeferring, stopDeferring } from '../../../otel/src/deferred.ts';
import { createLogBatches, createLogCatchUp, createSpanBatches } from '../../../otel/src/sdk/batches.ts';
import { deferEnds } from '../../../otel/src/sdk/span-processors.ts';

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

test('an exporter that throws loses its batch alone, and that is told', async () => {
  const warned: string[] = [];
  const warn = (...words: unknown[]) => void warned.push(words.join(' '));
  diag.setLogger({ verbose() {}, debug() {}, info() {}, warn, error() {} });
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
  expect(warned).toEqual(['1 log records were not exported: TypeError: no such record']);
});

/** A provider whose spans leave as those of the kit do. */
function startSpans(sampler?: Sampler, limits = LIMITS) {
  const sent: string[][] = [];
  const exporter = {
    export(spans: ReadableSpan[], done: (result: ExportResult) => void) {
      sent.push(spans.map(({ name }) => name));
      done({ code: 0 });
    },
    shutdown: async () => undefined,
  };
  const provider = new TracerProvider({
    ...(sampler ? { sampler } : {}),
    spanProcessors: [deferEnds([createSpanBatches(exporter, limits)])],
  });
  const tracer = provider.getTracer('test');
  return { sent, provider, end: (name: string) => tracer.startSpan(name).end() };
}

test('spans and log records that were deferred leave at once when they have been made, 100 ms after the first', () => {
  startDeferring();
  const spans = startSpans();
  const logs = startLogs();
  const later = deferred<string>(logs.emit);
  jest.advanceTimersByTime(1000);
  spans.end('a');
  later('line');
  jest.advanceTimersByTime(99);
  expect([spans.sent, logs.sent]).toEqual([[], []]);
  jest.advanceTimersByTime(1);
  expect([spans.sent, logs.sent]).toEqual([[['a']], [['line']]]);
});

test('a record that nobody deferred leaves with the deferred ones', () => {
  startDeferring();
  const { sent, emit } = startLogs();
  jest.advanceTimersByTime(1000);
  emit('a');
  jest.advanceTimersByTime(99);
  expect(sent).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(sent).toEqual([['a']]);
});

test('at the end of deferring what waits leaves, and later items after the delay of their own', async () => {
  startDeferring();
  const { sent, end } = startSpans();
  end('a');
  stopDeferring();
  expect(sent).toEqual([['a']]);
  await Promise.resolve();
  await Promise.resolve();
  end('b');
  await jest.advanceTimersByTimeAsync(49);
  expect(sent).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(1);
  expect(sent.at(-1)).toEqual(['b']);
});

test('however many batches wait, an exporter that takes at once has them all before a flush returns', () => {
  startDeferring();
  const { sent, provider, end } = startSpans(undefined, { ...LIMITS, maxQueueSize: 1000 });
  for (let span = 0; span < 400; span += 1) end(`${span}`);
  void provider.forceFlush();
  expect(sent.flat()).toHaveLength(400);
  expect(Math.max(...sent.map(({ length }) => length))).toBe(4);
});

test.each([
  ['recorded, not sampled', createAlwaysRecordSampler(new AlwaysOffSampler())],
  ['not even recorded', new AlwaysOffSampler()],
])('a span that was %s does not leave', async (_name, sampler) => {
  const { sent, provider, end } = startSpans(sampler);
  end('a');
  await provider.forceFlush();
  expect(sent).toEqual([]);
});
