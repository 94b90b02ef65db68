import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type Meter, ValueType } from '@opentelemetry/api';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { createTelemetryStore } from '../../services/viewer/adapters/sqlite/store.ts';
import type { MetricSeries } from '../../services/viewer/domain/metric.ts';
import { startTestViewer, type TestViewer } from '../helpers/viewer.ts';

const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

let viewer: TestViewer;
let sdk: { readonly meter: Meter; collect(): Promise<ResourceMetrics>; close(): Promise<void> };
beforeEach(async () => {
  viewer = await startTestViewer();
  sdk = startSdk(AggregationTemporality.CUMULATIVE);
});
afterEach(async () => {
  await viewer.close();
  await sdk.close();
});

/** The SDK itself, its figures as they would be exported. */
function startSdk(temporality: AggregationTemporality): typeof sdk {
  const exporter = new InMemoryMetricExporter(temporality);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({
    readers: [reader],
    resource: resourceFromAttributes({ 'service.name': 'bot', 'service.namespace': 'callspan' }),
  });
  return {
    meter: provider.getMeter('callspan', '1.0'),
    async collect() {
      exporter.reset();
      await provider.forceFlush();
      const [collected] = exporter.getMetrics();
      if (!collected) throw new Error('nothing was recorded');
      return collected;
    },
    close: () => provider.shutdown(),
  };
}

async function send(bytes: Uint8Array | undefined, type = PROTOBUF, encoding?: string) {
  const response = await fetch(`${viewer.otlpUrl}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) },
    body: (bytes ?? new Uint8Array()) as BodyInit,
  });
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}

/** The series of a metric, as the store of this viewer reads them. */
function findMetric(name: string): readonly MetricSeries[] {
  const store = createTelemetryStore({ file: join(viewer.folder, 'viewer', 'store.db'), now: Date.now });
  try {
    return store.findMetric({ name, fromMs: 0, toMs: Date.now() + 60_000 });
  } finally {
    store.close();
  }
}

function recordAll() {
  sdk.meter.createCounter('voice.save.count', { unit: '{save}' }).add(3, { outcome: 'saved' });
  sdk.meter.createUpDownCounter('voice.call.active', { valueType: ValueType.INT }).add(-2);
  sdk.meter.createGauge('process.cpu.utilization', { unit: '1' }).record(0.25);
  const advice = { explicitBucketBoundaries: [0.5, 1, 2] };
  const wait = sdk.meter.createHistogram('voice.dead_air.duration', { unit: 's', advice });
  for (const seconds of [0.5, 0.75, 9]) wait.record(seconds, { cause: 'none', yes: true, n: 4 });
}

test.each([
  ['protobuf', PROTOBUF, ProtobufMetricsSerializer, undefined],
  ['protobuf, gzip', PROTOBUF, ProtobufMetricsSerializer, 'gzip'],
  ['JSON', JSON_TYPE, JsonMetricsSerializer, undefined],
  ['JSON, gzip', JSON_TYPE, JsonMetricsSerializer, 'gzip'],
])('what the SDK sends as %s is read back whole', async (_, type, serializer, encoding) => {
  recordAll();
  const bytes = serializer.serializeRequest(await sdk.collect()) ?? new Uint8Array();
  expect((await send(encoding ? gzipSync(bytes) : bytes, type, encoding)).status).toBe(200);
  const [saves] = findMetric('voice.save.count');
  expect(saves).toMatchObject({ unit: '{save}', kind: 'sum', isMonotonic: true, bounds: [] });
  expect({ ...saves?.attributes }).toEqual({ outcome: 'saved' });
  expect({ ...saves?.resource.attributes }).toMatchObject({ 'service.name': 'bot' });
  expect(saves?.scope).toMatchObject({ name: 'callspan', version: '1.0' });
  expect(saves?.points).toEqual([
    { timeMs: expect.any(Number), startMs: expect.any(Number), value: 3, count: null, counts: null },
  ]);
  expect(Math.abs(Date.now() - (saves?.points[0]?.timeMs ?? 0))).toBeLessThan(60_000);
  expect(findMetric('voice.call.active')).toMatchObject([{ kind: 'sum', isMonotonic: false, points: [{ value: -2 }] }]);
  expect(findMetric('process.cpu.utilization')).toMatchObject([{ kind: 'gauge', points: [{ value: 0.25 }] }]);
  const [waits] = findMetric('voice.dead_air.duration');
  expect(waits).toMatchObject({ kind: 'histogram', bounds: [0.5, 1, 2] });
  expect({ ...waits?.attributes }).toEqual({ cause: 'none', yes: true, n: 4n });
  expect(waits?.points).toMatchObject([{ value: 10.25, count: 3, counts: [1, 1, 0, 1] }]);
});

test('what is sent twice is kept once, and what has not changed is not written again', async () => {
  const counter = sdk.meter.createCounter('voice.save.count');
  counter.add(1);
  const first = ProtobufMetricsSerializer.serializeRequest(await sdk.collect());
  await send(first);
  await send(first);
  await send(ProtobufMetricsSerializer.serializeRequest(await sdk.collect()));
  expect(findMetric('voice.save.count')[0]?.points.map(({ value }) => value)).toEqual([1]);
  counter.add(4);
  await send(ProtobufMetricsSerializer.serializeRequest(await sdk.collect()));
  expect(findMetric('voice.save.count')[0]?.points.map(({ value }) => value)).toEqual([1, 5]);
});

test('points that cannot be kept are counted with the reason, and the others are kept', async () => {
  const delta = startSdk(AggregationTemporality.DELTA);
  delta.meter.createCounter('lost').add(1);
  delta.meter.createGauge('kept').record(7);
  const answer = await send(JsonMetricsSerializer.serializeRequest(await delta.collect()), JSON_TYPE);
  await delta.close();
  expect(JSON.parse(answer.body.toString())).toEqual({
    partialSuccess: { rejectedDataPoints: '1', errorMessage: 'sums and histograms must be cumulative, not delta' },
  });
  expect(findMetric('lost')).toEqual([]);
  expect(findMetric('kept')).toMatchObject([{ points: [{ value: 7 }] }]);
});

test.each([
  ['a point without a time', { gauge: { dataPoints: [{ asDouble: 1 }] } }, 'a point has no time'],
  [
    'a point without a value',
    { gauge: { dataPoints: [{ timeUnixNano: '5' }] } },
    'a point has no value, or one that is no number',
  ],
  [
    'no number',
    { gauge: { dataPoints: [{ timeUnixNano: '5', asDouble: 'NaN' }] } },
    'a point has no value, or one that is no number',
  ],
  [
    'buckets without their counts',
    {
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ timeUnixNano: '5', count: '1', explicitBounds: [1], bucketCounts: ['1'] }],
      },
    },
    'a histogram needs one count more than it has bounds',
  ],
  [
    'bounds that fall',
    {
      histogram: {
        aggregationTemporality: 2,
        dataPoints: [{ timeUnixNano: '5', count: '0', explicitBounds: [2, 1], bucketCounts: ['0', '0', '0'] }],
      },
    },
    'the bounds of a histogram do not rise',
  ],
  [
    'an exponential histogram',
    { exponentialHistogram: { dataPoints: [{ timeUnixNano: '5' }] } },
    'points of the kind exponential histogram are not kept: send gauges, sums and histograms with bounds',
  ],
])('%s is rejected, with the reason', async (_, data, reason) => {
  const metrics = [{ name: 'm', ...data }];
  const answer = await viewer.post('/v1/metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
  expect(answer).toEqual({ status: 200, body: { partialSuccess: { rejectedDataPoints: '1', errorMessage: reason } } });
});

test('damaged bytes are refused, and more points than a request may bring', async () => {
  recordAll();
  const bytes = ProtobufMetricsSerializer.serializeRequest(await sdk.collect()) ?? new Uint8Array();
  expect((await send(bytes.subarray(0, bytes.length - 3))).status).toBe(400);
  const dataPoints = Array(100_001).fill({});
  const many = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints } }] }] }] };
  expect((await viewer.post('/v1/metrics', many)).status).toBe(413);
  expect(viewer.errors).toEqual([]);
});
