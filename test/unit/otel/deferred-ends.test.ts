import { type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { Metric } from '../../../otel/src/conventions/index.ts';
import { catchUp, startDeferring, stopDeferring } from '../../../otel/src/deferred.ts';
import { createInstruments } from '../../../otel/src/instruments.ts';
import { deferEnds } from '../../../otel/src/sdk/span-processors.ts';
import { createSpanLedger } from '../../../otel/src/spool/span-ledger.ts';
import { createCounters } from '../../../otel/src/spool/worker/counters.ts';
import { startMetricRecorder } from '../../helpers/recorded-metrics.ts';

beforeEach(startDeferring);
afterEach(stopDeferring);

/** A processor that notes what it is told, under its name. */
function noting(name: string, told: string[]): SpanProcessor {
  const note = async (what: string) => void told.push(`${name} ${what}`);
  return {
    onStart: (span) => void note(`start ${(span as unknown as { name: string }).name}`),
    onEnding: (span) => void note(`ending ${(span as unknown as { name: string }).name}`),
    onEnd: (span) => void note(`end ${span.name}`),
    forceFlush: () => note('flush'),
    shutdown: () => note('shutdown'),
  };
}

function twoProcessors() {
  const told: string[] = [];
  const provider = new TracerProvider({ spanProcessors: [deferEnds([noting('one', told), noting('two', told)])] });
  const tracer = provider.getTracer('test');
  return { told, provider, endSpan: (name: string) => tracer.startSpan(name).end() };
}

test('starts are told at once, ends together and of each span to every processor in their order', () => {
  const { told, endSpan } = twoProcessors();
  endSpan('a');
  endSpan('b');
  expect(told.filter((word) => word.startsWith('one'))).toEqual([
    'one start a',
    'one ending a',
    'one start b',
    'one ending b',
  ]);
  told.length = 0;
  catchUp();
  expect(told).toEqual(['one end a', 'two end a', 'one end b', 'two end b']);
});

test.each(['flush', 'shutdown'] as const)('before a %s all ends are told', async (what) => {
  const { told, provider, endSpan } = twoProcessors();
  endSpan('a');
  told.length = 0;
  await (what === 'flush' ? provider.forceFlush() : provider.shutdown());
  expect(told).toEqual(['one end a', 'two end a', `one ${what}`, `two ${what}`]);
});

test('a collection of metrics counts what was recorded and what ended up to now', async () => {
  const recorder = startMetricRecorder();
  const ledger = createSpanLedger(createCounters());
  ledger.observe(recorder.meter);
  const provider = new TracerProvider({ spanProcessors: [deferEnds([ledger.processor])] });
  provider.getTracer('test').startSpan('a').end();
  const instruments = createInstruments(recorder.meter);
  instruments.record(Metric.callActive, 1);
  expect(await recorder.points(Metric.spans.name)).toContainEqual({ labels: { state: 'started' }, value: 1 });
  instruments.record(Metric.callActive, 1);
  expect(await recorder.points(Metric.callActive.name)).toEqual([{ labels: {}, value: 2 }]);
  await recorder.close();
});
