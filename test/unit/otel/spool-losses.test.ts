import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { diag } from '@opentelemetry/api';
import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { createSpanBatches } from '../../../otel/src/sdk/batches.ts';
import { countExports } from '../../../otel/src/spool/counted-exporters.ts';
import { type Handover, startHandover } from '../../../otel/src/spool/handover.ts';
import { createSpoolExporters } from '../../../otel/src/spool/spool-exporters.ts';
import type { Exporters } from '../../../otel/src/spool/stock-exporters.ts';
import { createCounters } from '../../../otel/src/spool/worker/counters.ts';
import { createLosses } from '../../../otel/src/spool/worker/losses.ts';
import { listenToWarnings } from '../../helpers/log-batches.ts';

afterEach(() => diag.disable());

/** No more than its ids: a serialiser cannot write it. */
const span = (trace: number): ReadableSpan => {
  const context = { traceId: String(trace).padStart(32, '0'), spanId: '0'.repeat(16), traceFlags: 1 };
  return { spanContext: () => context } as unknown as ReadableSpan;
};
const stockWith = (exportSpans: SpanExporter['export']): Exporters =>
  ({ traces: { export: exportSpans, shutdown: async () => undefined } }) as unknown as Exporters;
/** A thread that takes messages and deals with none, as one whose disk hangs. */
const stuckThread = () =>
  Object.assign(new EventEmitter(), { postMessage() {}, ref() {}, unref() {} }) as unknown as Worker;
const open = (startWorker: () => Worker): Handover =>
  startHandover({
    config: { isOn: true, folder: '', maxBytes: 2 ** 24, maxAgeMs: 3_600_000 },
    userAgent: 'test/1',
    destinations: new Promise(() => undefined),
    startWorker,
    warn: () => undefined,
  });
const allJson = { traces: false, logs: false, metrics: false };

test('the traces of spans that the hand-over has no room for are counted as not stored, each once', () => {
  const handover = open(stuckThread);
  const push = (traces: readonly number[], megabytes: number) =>
    handover.push(
      'traces',
      {
        items: 1,
        protobuf: false,
        traceIds: traces.map((trace) => String(trace).padStart(32, '0')),
        body: new Uint8Array(megabytes * 2 ** 20),
      },
      () => undefined,
    );
  expect(push([1], 31)).toBe(true);
  expect(handover.counters.get('incomplete.not_stored')).toBe(0);
  expect([push([1, 2], 2), push([2, 3], 2)]).toEqual([false, false]);
  expect(handover.counters.get('incomplete.not_stored')).toBe(3);
});

test('the traces of spans that cannot be written as OTLP are counted as not stored, and that is told', () => {
  const handover = open(stuckThread);
  const { traces } = createSpoolExporters(handover, allJson, () => stockWith(() => undefined));
  const results: ExportResult[] = [];
  traces.export([span(1), span(2)], (result) => results.push(result));
  expect(results).toEqual([{ code: 1, error: expect.any(TypeError) }]);
  expect(handover.counters.get('incomplete.not_stored')).toBe(2);
});

test('spans that go straight to the receiver are delivered or dead, whether an exporter answers, fails or throws', () => {
  const counters = createCounters();
  const answers = [
    (done: (result: ExportResult) => void) => done({ code: 0 }),
    (done: (result: ExportResult) => void) => done({ code: 1 }),
    () => {
      throw new Error('no');
    },
    (done: (result: ExportResult) => void) => {
      done({ code: 0 });
      throw new Error('once it was taken');
    },
  ];
  const stock = stockWith((_spans, done) => answers.shift()?.(done));
  const { traces } = countExports(stock, { counters, losses: createLosses(counters) });
  const ignore = () => undefined;
  traces.export([span(1), span(2), span(3)], ignore);
  traces.export([span(4), span(4)], ignore);
  expect(() => traces.export([span(4), span(5)], ignore)).toThrow('no');
  expect(() => traces.export([span(6)], ignore)).toThrow('once it was taken');
  expect(counters.get('traces.delivered')).toBe(4);
  expect(counters.get('traces.dead')).toBe(4);
  expect(counters.get('incomplete.not_stored')).toBe(2);
});

test('of spans for which a queue has no room each is told', async () => {
  const dropped: string[] = [];
  const stock = stockWith((_spans, done) => done({ code: 0 }));
  const limits = { maxQueueSize: 2, maxExportBatchSize: 10, scheduledDelayMillis: 1000 };
  const batches = createSpanBatches(stock.traces, limits, (each) => dropped.push(each.spanContext().traceId.slice(-1)));
  listenToWarnings();
  for (const trace of [1, 2, 3, 4]) batches.onEnd(span(trace));
  expect(dropped).toEqual(['3', '4']);
  await batches.shutdown();
});

test('batches that a thread leaves behind for good go straight, and an exporter that throws then ends nothing', () => {
  const warned = listenToWarnings();
  const puttingBack: (() => void)[] = [];
  const handover: Handover = {
    ...open(stuckThread),
    push(_signal, _batch, putBack) {
      puttingBack.push(putBack);
      return true;
    },
  };
  const answers = ['throws', 'refuses', 'takes'];
  const stock = stockWith((_spans, done) => {
    const answer = answers.shift();
    if (answer === 'throws') throw new Error('closed');
    done(answer === 'takes' ? { code: 0 } : { code: 1, error: new Error('refused') });
  });
  const { traces } = createSpoolExporters(handover, allJson, () => countExports(stock, handover));
  for (let batch = 0; batch < 3; batch += 1) traces.export([], () => undefined);
  for (const putBack of puttingBack) putBack();
  expect(answers).toEqual([]);
  expect(warned).toEqual(['traces were not exported: Error: closed', 'traces were not exported: Error: refused']);
});
