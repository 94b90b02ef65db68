import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeCertificate } from '../engines/stage/certificate.ts';
import { type FaultSink, type SinkRequest, startFaultSink } from '../helpers/fault-sink.ts';
import { createTrafficStage, type TrafficStage } from '../helpers/spool-process.ts';

let stage: TrafficStage;
let sink: FaultSink;
let other: FaultSink;
beforeEach(async () => {
  stage = createTrafficStage();
  [sink, other] = await Promise.all([startFaultSink(), startFaultSink()]);
});
afterEach(async () => {
  stage.close();
  await Promise.all([sink.close(), other.close()]);
});

/** What a request says, but for what differs between two libraries. */
const said = ({ path, headers, body }: SinkRequest) => ({
  path,
  type: headers['content-type'],
  encoding: headers['content-encoding'],
  authorization: headers.authorization,
  tenant: headers['x-tenant'],
  from: headers['x-from'],
  spans: body.includes('flood'),
});
const firstTraces = () => [sink, other].map(({ requests }) => requests.find(({ body }) => body.includes('flood')));

async function requestOf(spool: 'on' | 'off', env: NodeJS.ProcessEnv) {
  sink.requests.length = 0;
  other.requests.length = 0;
  const bot = await stage.start(sink.url, { CALLSPAN_SPOOL: spool, ...env });
  await bot.tell('flood 3');
  await bot.tell('shutdown');
  await bot.kill();
  return firstTraces().map((request) => request && said(request));
}

test.each([
  ['nothing but the endpoint', () => ({}), '/v1/traces'],
  ['an endpoint with a path', () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `${sink.url}/otlp/` }), '/otlp/v1/traces'],
  [
    'an endpoint of the signal, to which nothing is added',
    () => ({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${other.url}/here` }),
    '/here',
  ],
  [
    'headers, of which those of the signal win',
    () => ({
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=all,x-from=a%20b',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-tenant=one',
    }),
    '/v1/traces',
  ],
  [
    'our token, above the one of the headers',
    () => ({ CALLSPAN_TELEMETRY_TOKEN: 'ours', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer theirs' }),
    '/v1/traces',
  ],
  ['compression', () => ({ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }), '/v1/traces'],
  [
    'compression, of which the one of the signal wins',
    () => ({ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'none' }),
    '/v1/traces',
  ],
  ['protobuf', () => ({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' }), '/v1/traces'],
  [
    'a value that is none',
    () => ({ OTEL_EXPORTER_OTLP_TIMEOUT: 'soon', OTEL_EXPORTER_OTLP_COMPRESSION: 'zip' }),
    '/v1/traces',
  ],
])('with %s, the spool asks for the same as the stock exporter', async (_name, env, path) => {
  const [spool, stock] = [await requestOf('on', env()), await requestOf('off', env())];
  expect(spool).toEqual(stock);
  expect(spool.filter((request) => request !== undefined)).toEqual([expect.objectContaining({ path, spans: true })]);
});

test.each([
  ['NODE_EXTRA_CA_CERTS', (file: string) => ({ NODE_EXTRA_CA_CERTS: file })],
  ['NODE_TLS_REJECT_UNAUTHORIZED=0', () => ({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })],
  ['OTEL_EXPORTER_OTLP_CERTIFICATE', (file: string) => ({ OTEL_EXPORTER_OTLP_CERTIFICATE: file })],
])('with %s a receiver whose certificate nobody signed is trusted, with the spool and without', async (_name, env) => {
  const { certificate, key } = makeCertificate();
  const file = join(stage.folder, 'receiver.pem');
  writeFileSync(file, certificate);
  const asked: string[] = [];
  const receiver = createServer({ cert: certificate, key }, (request, response) => {
    asked.push(request.url ?? '');
    request.resume();
    response.setHeader('content-type', 'application/json').end('{}');
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const url = `https://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  for (const spool of ['on', 'off']) {
    const bot = await stage.start(url, { CALLSPAN_SPOOL: spool, ...env(file) });
    await bot.tell('flood 3');
    await bot.tell('shutdown');
    await bot.kill();
    expect(asked.splice(0)).toContain('/v1/traces');
  }
  receiver.closeAllConnections();
  receiver.close();
});

test('the time-out of the environment ends an attempt', async () => {
  sink.mode = { kind: 'hang' };
  const bot = await stage.start(sink.url, {
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '300',
    OTEL_EXPORTER_OTLP_TIMEOUT: '60000',
  });
  await bot.tell('flood 3');
  await sink.until(() => sink.requests.length > 1);
  expect(bot.errors()).toMatch(/no answer within 300 ms/);
});

test('logs and metrics go the same way, each to its own place', async () => {
  const bot = await stage.start(sink.url, {
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `${other.url}/m`,
  });
  await bot.tell('flood 3');
  await other.until(() => other.requests.some(({ body }) => body.includes('callspan.spans')));
  expect(other.requests.every(({ path }) => path === '/m')).toBe(true);
  await bot.tell('shutdown');
});

type Point = {
  readonly attributes: readonly { readonly value: { readonly stringValue: string } }[];
  readonly asInt: number;
};
type MetricsBody = {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly { readonly name: string; readonly sum?: { readonly dataPoints: readonly Point[] } }[];
    }[];
  }[];
};

/** The figures of a metric by its one label, as they were last received. */
function spansIn({ requests }: FaultSink, metric = 'callspan.spans'): Record<string, number> {
  const metrics = requests
    .filter(({ path }) => path === '/v1/metrics')
    .flatMap(({ body }) => (JSON.parse(body) as MetricsBody).resourceMetrics)
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  const points = metrics.findLast(({ name }) => name === metric)?.sum?.dataPoints ?? [];
  return Object.fromEntries(points.map(({ attributes, asInt }) => [attributes[0]?.value.stringValue, Number(asInt)]));
}

test('callspan.spans adds up, also over a restart', async () => {
  const env = {
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${other.url}/v1/traces`,
  };
  other.mode = { kind: 'status', status: 503 };
  const bot = await stage.start(sink.url, env);
  await bot.tell('flood 70');
  await sink.until(() => spansIn(sink).pending === 70);
  expect(spansIn(sink)).toEqual({ started: 70, stored: 70, delivered: 0, pending: 70, dead: 0 });
  await bot.kill();
  sink.requests.length = 0;
  other.mode = { kind: 'partial', rejected: 4 };
  const next = await stage.start(sink.url, env);
  await sink.until(() => spansIn(sink).stored === 70 && spansIn(sink).pending === 0);
  expect(spansIn(sink)).toEqual({ started: 0, stored: 70, delivered: 66, pending: 0, dead: 4 });
  await next.tell('shutdown');
});

test('without a spool spans that have no room or are not taken are dead, and their traces incomplete', async () => {
  other.mode = { kind: 'hang' };
  const bot = await stage.start(sink.url, {
    CALLSPAN_SPOOL: 'off',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${other.url}/v1/traces`,
  });
  await bot.tell('flood 300');
  await other.until(() => other.requests.length > 0);
  // More than wait for an exporter, and than the first batch that hangs.
  await bot.tell('flood 20500');
  await sink.until(() => spansIn(sink).started === 20_800 && (spansIn(sink).dead ?? 0) > 0);
  expect(spansIn(sink)).toMatchObject({ stored: 0, delivered: 0, pending: 0 });
  expect(spansIn(sink, 'callspan.trace.incomplete').not_stored).toBeGreaterThan(0);
  await bot.kill();
});
