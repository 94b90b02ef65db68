import { context, diag } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { type ExportResult, isTracingSuppressed } from '@opentelemetry/core';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import {
  AlwaysOffSampler,
  createAlwaysRecordSampler,
  type ReadableSpan,
  type Sampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { catchUp, deferred, startDeferring, stopDeferring } from '../../../otel/src/deferred.ts';
import { createLogBatches, createSpanBatches } from '../../../otel/src/sdk/batches.ts';
import { deferEnds } from '../../../otel/src/sdk/span-processors.ts';
import { LIMITS, startLogs } from '../../helpers/log-batches.ts';

const { jest } = import.meta;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  stopDeferring();
  diag.disable();
  jest.useRealTimers();
});

test('records leave together, a moment after the first of them', () => {
  const { sent, emit } = startLogs();
  emit('a');
  jest.advanceTimersByTime(30);
  emit('b');
  expect(sent).toEqual([]);
  jest.advanceTimersByTime(20);
  expect(sent).toEqual([['a', 'b']]);
});

test('a full batch leaves at once, and what came meanwhile a moment after it has been taken', async () => {
  const { sent, emit, answer } = startLogs();
  for (const body of ['1', '2', '3', '4', '5', '6']) emit(body);
  expect(sent).toEqual([['1', '2', '3', '4']]);
  jest.advanceTimersByTime(1000);
  expect(sent).toHaveLength(1);
  await answer();
  jest.advanceTimersByTime(50);
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

test('requests of an exporter are not traced', () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  let isSuppressed: boolean | undefined;
  const batches = createLogBatches(
    {
      export(_records, done) {
        isSuppressed = isTracingSuppressed(context.active());
        done({ code: 0 });
      },
      forceFlush: async () => undefined,
      shutdown: async () => undefined,
    },
    LIMITS,
  );
  new LoggerProvider({ processors: [batches] }).getLogger('test').emit({ body: 'a' });
  void batches.forceFlush();
  context.disable();
  expect(isSuppressed).toBe(true);
});

test('after its shutdown nothing is taken any more', async () => {
  startDeferring();
  const { sent, processor, span } = startSpanProcessor();
  await processor.shutdown();
  processor.onEnd(span());
  catchUp();
  await processor.forceFlush();
  expect(sent).toEqual([]);
});

/** The processor of the kit alone: a provider that is over asks it nothing any more. */
function startSpanProcessor() {
  const sent: string[] = [];
  const processor = createSpanBatches(
    {
      export(spans: ReadableSpan[], done: (result: ExportResult) => void) {
        sent.push(...spans.map(({ name }) => name));
        done({ code: 0 });
      },
      shutdown: async () => undefined,
    },
    LIMITS,
  );
  const tracer = new TracerProvider({ spanProcessors: [] }).getTracer('test');
  return { sent, processor, span: () => tracer.startSpan('late') as unknown as ReadableSpan };
}
