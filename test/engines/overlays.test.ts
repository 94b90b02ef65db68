import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { makeCertificate } from './stage/certificate.ts';
import { HMAC_KEY, type RunningCollector, startCollector } from './stage/collector.ts';
import { eventually } from './stage/engine.ts';
import { toSpans } from './stage/otlp-json.ts';
import { OWN } from './stage/own-files.ts';
import { runToolWith } from './stage/run-tool.ts';
import { type SpanSink, startSpanSink } from './stage/span-sink.ts';

const FOLDER = 'collector/overlays';
const GATEWAY = 'gateway.yaml';
/** What this Collector can hold; the gateway's exporter cannot be fetched. */
const HELD = readdirSync(FOLDER).filter((name) => name !== GATEWAY);
const overlay = (name: string) => join(FOLDER, name);

const validate = (...files: readonly string[]) =>
  runToolWith({ CALLSPAN_HMAC_KEY: HMAC_KEY }, 'otelcol', 'validate', ...files.flatMap((file) => ['--config', file]));

let folder: string;
let store: SpanSink;
let viewer: SpanSink;
let collector: RunningCollector | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-overlays-'));
  [store, viewer] = await Promise.all([startSpanSink(), startSpanSink()]);
});
afterEach(async () => {
  await collector?.stop();
  collector = undefined;
  store.close();
  viewer.close();
  rmSync(folder, { recursive: true });
});

function write(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, stringify(content));
  return file;
}

const read = (file: string) => parse(readFileSync(file, 'utf8'), { merge: true }) as Config;
type Config = {
  readonly exporters?: Readonly<Record<string, Record<string, unknown>>>;
  readonly service: { readonly pipelines: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> };
};

test.each(HELD)(
  'the Collector takes the base with %s over it, and refuses it with a word that it does not know',
  (name) => {
    expect(validate(OWN.collector, overlay(name))).toEqual({ code: 0, output: '' });
    const unknown = write('unknown.yaml', { ...read(overlay(name)), receivers: { otlp: { protocolls: {} } } });
    const refused = validate(OWN.collector, unknown);
    expect([refused.code, refused.output]).toEqual([1, expect.stringContaining('protocolls')]);
  },
);

test('overlays of one Collector go together', () => {
  const together = HELD.filter((name) => name !== 'gateway-backend.yaml');
  expect(together.length).toBeGreaterThan(4);
  expect(validate(OWN.collector, ...together.map(overlay))).toEqual({ code: 0, output: '' });
  expect(validate(OWN.collector, ...['gateway-backend.yaml', 'sampling.generated.yaml'].map(overlay)).code).toBe(0);
});

test('the first row of Collectors knows only what its exporter knows, and sends a call to one of the second', () => {
  const gateway = read(overlay(GATEWAY));
  const { routing_key, resolver, protocol, ...rest } = gateway.exporters?.load_balancing ?? {};
  expect(routing_key).toBe('traceID');
  expect(Object.keys(resolver as object)).toEqual(['dns']);
  expect(Object.keys((resolver as { dns: object }).dns).sort()).toEqual(['hostname', 'interval', 'port', 'timeout']);
  expect(Object.keys(rest).sort()).toEqual(['retry_on_failure', 'sending_queue']);
  // What it opens for each address is the OTLP exporter, which this Collector has.
  const { otlp } = protocol as { otlp: object };
  const pipelines = {
    ...gateway.service.pipelines,
    'traces/store': { exporters: ['otlp_grpc/backend', 'otlp_grpc/queue'] },
  };
  const alike = write('gateway.yaml', {
    exporters: {
      'otlp_grpc/backend': { ...otlp, endpoint: 'backend:4317' },
      'otlp_grpc/queue': { ...rest, endpoint: 'backend:4317' },
    },
    service: { pipelines },
  });
  expect(gateway.service.pipelines['traces/store']).toEqual({ exporters: ['load_balancing'] });
  expect(validate(OWN.collector, alike)).toEqual({ code: 0, output: '' });
  const { code, output } = validate(OWN.collector, overlay(GATEWAY));
  expect([code, output]).toEqual([1, expect.stringContaining('unknown type: "load_balancing"')]);
});

test("the machine's figures arrive under its name", async () => {
  const env = { CALLSPAN_HOST_NAME: 'machine-7' };
  collector = await startCollector({
    files: [OWN.collector, overlay('host-metrics.yaml')],
    folder,
    store,
    viewer,
    env,
  });
  const names = ['system.cpu.time', 'system.memory.usage', 'system.cpu.load_average.1m', 'system.network.io'];
  await eventually('all of them are there', 20_000, () =>
    names.every((name) => store.metrics.some((metric) => metric.name === name)),
  );
  const resources = store.metrics.filter(({ name }) => names.includes(name)).map(({ resource }) => resource.attributes);
  expect(resources[0]).toMatchObject({ 'service.name': 'host', 'host.name': 'machine-7' });
  expect(viewer.metrics).toEqual([]);
}, 60_000);

test('who asks whom is counted when both halves of a request are there', async () => {
  const sooner = write('sooner.yaml', { connectors: { servicegraph: { metrics_flush_interval: '500ms' } } });
  const files = [OWN.collector, overlay('service-graph.yaml'), sooner];
  collector = await startCollector({ files, folder, store, viewer });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const client = { traceId, spanId: 'b7ad6b7169203331', name: 'POST', kind: 3, attributes: {} };
  const server = {
    traceId,
    spanId: 'c7ad6b7169203331',
    parentSpanId: client.spanId,
    name: 'POST /records',
    kind: 2,
    attributes: {},
  };
  await post(`${collector.otlpUrl}/v1/traces`, toSpans({ 'service.name': 'bot' }, [client]));
  await post(`${collector.otlpUrl}/v1/traces`, toSpans({ 'service.name': 'records' }, [server]));
  const counted = () => store.metrics.find(({ name }) => name === 'traces_service_graph_request_total');
  await eventually('the request is counted', 20_000, () => counted() !== undefined);
  expect(counted()?.points[0]?.attributes).toMatchObject({ client: 'bot', server: 'records' });
}, 60_000);

async function post(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(200);
}

test('from another machine only who has the token is heard, by TLS, and a new token counts without a restart', async () => {
  const [cert, key, token] = ['cert', 'key', 'token'].map((name) => join(folder, name)) as [string, string, string];
  const made = makeCertificate();
  writeFileSync(cert, made.certificate);
  writeFileSync(key, made.key);
  writeFileSync(token, 'the-first-token\n');
  const env = {
    CALLSPAN_TLS_CERT_FILE: cert,
    CALLSPAN_TLS_KEY_FILE: key,
    CALLSPAN_COLLECTOR_TOKEN_FILE: token,
    CALLSPAN_STORES_TOKEN_FILE: token,
  };
  collector = await startCollector({ files: [OWN.collector, overlay('tls.yaml')], folder, store, viewer, env });
  const url = new URL('/v1/traces', collector.otlpUrl.replace('http:', 'https:'));
  const ca = readFileSync(cert);
  expect(await statusOf(url, ca)).toBe(401);
  expect(await statusOf(url, ca, 'another-token')).toBe(401);
  expect(await statusOf(url, ca, 'the-first-token')).toBe(200);
  expect((await fetch(`${collector.otlpUrl}/v1/traces`, { method: 'POST', body: '{}' })).status).toBe(400);
  await eventually('the store is told with the token', 10_000, () =>
    store.authorizations.has('Bearer the-first-token'),
  );
  writeFileSync(token, 'the-first-token\nthe-second-token\n');
  await eventually('the second counts', 10_000, async () => (await statusOf(url, ca, 'the-second-token')) === 200);
  expect(await statusOf(url, ca, 'the-first-token')).toBe(200);
}, 60_000);

/** What one span sent by TLS is answered. */
function statusOf(url: URL, ca: Buffer, token?: string): Promise<number | undefined> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    name: 'POST',
    attributes: {},
  };
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', ...authorization };
    const sent = request(url, { method: 'POST', ca, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    sent.on('error', reject).end(JSON.stringify(toSpans({ 'service.name': 'bot' }, [span])));
  });
}
