import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Attributes } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { createCallspan, createTracedFetch } from '../../../otel/src/index.ts';
import { isCountedHere } from '../../../otel/src/model/http-duration.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const exporter = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
const meterProvider = new MeterProvider({ readers: [reader] });
const instrumentation = new UndiciInstrumentation({ ignoreRequestHook: isCountedHere });
instrumentation.setMeterProvider(meterProvider);
const server = createServer((request, response) => {
  if (request.url?.endsWith('/completions')) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  else if (request.url?.endsWith('/speech')) response.writeHead(503).end('no');
  else response.end('plain');
});
let recorder: SpanRecorder;
let url = '';

beforeAll(async () => {
  recorder = startSpanRecorder();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  instrumentation.disable();
  server.closeAllConnections();
  server.close();
  await meterProvider.shutdown();
  await recorder.close();
});

/** How often each set of labels was counted by `work`. */
async function counted(work: (tracedFetch: typeof fetch) => Promise<unknown>): Promise<Record<string, number>> {
  const meter = meterProvider.getMeter('callspan');
  const callspan = createCallspan({ tracer: recorder.tracer, meter });
  await reader.forceFlush();
  exporter.reset();
  await work(createTracedFetch(fetch, { callspan }));
  await reader.forceFlush();
  const points = exporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics)
    .filter(({ descriptor }) => descriptor.name === 'http.client.request.duration')
    .flatMap(({ dataPoints }): { attributes: Attributes; value: unknown }[] => [...dataPoints]);
  const counts: Record<string, number> = {};
  for (const { attributes, value } of points) {
    const told = ['http.request.method', 'server.address', 'http.response.status_code', 'error.type'];
    const labels = told.map((key) => attributes[key] ?? '').join(' ');
    counts[labels] = (counts[labels] ?? 0) + (value as { count: number }).count;
  }
  return counts;
}

test.each([
  ['that is answered', '/v1/chat/completions', 'POST 127.0.0.1 200 '],
  ['that is refused', '/v1/audio/speech', 'POST 127.0.0.1 503 503'],
])('a request to a model %s is counted once, by the kit and not by the instrumentation', async (_, path, labels) => {
  const found = await counted(async (tracedFetch) => {
    const response = await tracedFetch(url + path, { method: 'POST', body: '{"model":"m"}' });
    return response.text();
  });
  expect(found).toEqual({ [labels]: 1 });
});

test('a request to a model that finds nobody is counted with why', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const found = await counted((tracedFetch) =>
    tracedFetch(`http://127.0.0.1:${port}/v1/chat/completions`, { method: 'POST', body: '{}' }).catch(() => undefined),
  );
  expect(found).toEqual({ 'POST 127.0.0.1  ECONNREFUSED': 1 });
});

test('a request that is given up has no error type', async () => {
  const found = await counted(async (tracedFetch) => {
    const response = await tracedFetch(`${url}/v1/chat/completions`, { method: 'POST', body: '{}' });
    await response.body?.cancel();
  });
  expect(found).toEqual({ 'POST 127.0.0.1 200 ': 1 });
});

test('what asks no model is left to the instrumentation, and what that does not see is not counted', async () => {
  const found = await counted(async (tracedFetch) => (await tracedFetch(`${url}/plain`)).text());
  expect(found).toEqual({ 'GET 127.0.0.1 200 ': 1 });
  const callspan = createCallspan({ tracer: recorder.tracer, meter: meterProvider.getMeter('callspan') });
  const unseen = createTracedFetch(async () => new Response('{}'), { callspan });
  const none = await counted(async () => (await unseen(`${url}/v1/chat/completions`, { method: 'POST' })).text());
  expect(none).toEqual({});
});
