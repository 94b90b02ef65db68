import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DoctorRun, runDoctor } from '../helpers/doctor.ts';
import { findFreePorts } from '../helpers/free-ports.ts';
import { type RunningCollector, startCollector } from './stage/collector.ts';
import { type RunningEngine, startEngine } from './stage/engine.ts';
import { type RunningLoki, startLoki } from './stage/loki.ts';
import { listPrometheusFlags, OWN, writeCollectorFile } from './stage/own-files.ts';
import { type SpanSink, startSpanSink } from './stage/span-sink.ts';

let folder: string;
let store: SpanSink;
let loki: RunningLoki;
let prometheus: RunningEngine;
let collector: RunningCollector;
let closeTempo: () => void;
let addresses: Record<string, string>;

/** Answers as Tempo does for a trace that the store has (no Tempo can be built here). */
async function startTempo(): Promise<string> {
  const server = createServer(({ url = '' }, response) => {
    const traceId = url.replace('/api/traces/', '');
    const spans = store.spans.filter((span) => span.traceId === traceId);
    if (spans.length === 0) return void response.writeHead(url === '/ready' ? 200 : 404).end();
    const batches = spans.map(({ resource }) => String(Object.values(resource.attributes)));
    response.end(JSON.stringify({ batches }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closeTempo = () => server.close();
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-doctor-'));
  store = await startSpanSink();
  loki = await startLoki({ folder: join(folder, 'loki') });
  const [port = 0] = await findFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${OWN.prometheus}`,
    `--storage.tsdb.path=${join(folder, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...listPrometheusFlags(),
  ];
  prometheus = await startEngine('prometheus', { args, readyUrl: `${url}/-/ready` });
  collector = await startCollector({
    files: [writeCollectorFile(join(folder, 'collector')), OWN.sampling],
    folder: join(folder, 'queues'),
    store,
    viewer: store,
    prometheusUrl: `${url}/api/v1/otlp/v1/metrics`,
    env: { CALLSPAN_LOKI_OTLP_URL: loki.otlpUrl },
  });
  addresses = {
    CALLSPAN_COLLECTOR_OTLP_URL: collector.otlpUrl,
    CALLSPAN_LOKI_URL: loki.url,
    CALLSPAN_PROMETHEUS_URL: url,
    CALLSPAN_TEMPO_URL: await startTempo(),
    CALLSPAN_DATA_DIR: join(folder, 'data'),
  };
}, 90_000);

afterAll(async () => {
  closeTempo();
  await Promise.all([collector, loki, prometheus].map((engine) => engine.stop()));
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const toldOf = ({ findings }: DoctorRun, signal: string) =>
  findings.find(({ id }) => id === `telemetry.${signal}-arrived`);

test('what was sent to the Collector is found again in the engines, calls sampled', async () => {
  const run = await runDoctor(['stack', '--json'], addresses);
  expect(toldOf(run, 'traces')).toMatchObject({ level: 'ok', what: expect.stringContaining('found again in Tempo') });
  expect(toldOf(run, 'logs')).toMatchObject({ level: 'ok', what: expect.stringContaining('found again in Loki') });
  expect(toldOf(run, 'metrics')).toMatchObject({
    level: 'ok',
    what: expect.stringContaining('found again in Prometheus'),
  });
  expect(run.findings.find(({ id }) => id === 'engines.flags')).toMatchObject({ level: 'ok' });
});

test('so is what a set sends there, and a store that is away is told', async () => {
  await loki.stop();
  const run = await runDoctor(['--json'], { ...addresses, OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpUrl });
  expect(toldOf(run, 'traces')).toMatchObject({ level: 'ok' });
  expect(toldOf(run, 'metrics')).toMatchObject({ level: 'ok' });
  expect(toldOf(run, 'logs')).toMatchObject({
    level: 'warning',
    what: expect.stringContaining('Loki does not answer'),
  });
});
