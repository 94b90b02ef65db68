import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUCKETS } from 'callspan/conventions';
import { findFreePorts } from '../helpers/free-ports.ts';
import { startMetricsApp } from '../helpers/metrics-app.ts';
import { type MetricsReceiver, startMetricsReceiver } from '../helpers/metrics-receiver.ts';

let folder: string;
let receiver: MetricsReceiver;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-metrics-'));
  receiver = await startMetricsReceiver();
});
afterAll(() => {
  receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Bounds of a histogram in the text of a scrape. */
function boundsOf(text: string, name: string): number[] {
  const found = [...text.matchAll(new RegExp(`^${name}_bucket\\{[^}]*le="([^"]+)"`, 'gm'))].map((match) => match[1]);
  return [...new Set(found)].filter((bound) => bound !== '+Inf').map(Number);
}

/** Label names of a family in the text of a scrape. */
function labelsOf(text: string, name: string): string[] {
  const found = [...text.matchAll(new RegExp(`^${name}\\w*\\{([^}]*)\\}`, 'gm'))].flatMap((match) =>
    [...(match[1] ?? '').matchAll(/(\w+)="/g)].map((label) => label[1] ?? ''),
  );
  return [...new Set(found)].filter((label) => label !== 'le' && !label.startsWith('otel_scope_')).sort();
}

describe('a process under the preload', () => {
  let text = '';
  beforeAll(async () => {
    const app = await startMetricsApp({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, FIXTURE_LABELS: '50000' });
    const response = await fetch(`${app.url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    text = await response.text();
    await app.stop();
  }, 30_000);

  test('shows a metric of one’s own in a scrape and sends it by OTLP', () => {
    expect(text).toMatch(/^bookings_total\{kind="plumber",otel_scope_name="my-bot"[^}]*\} 2$/m);
    const [point] = receiver.points('bookings').filter(({ labels }) => labels.kind === 'plumber');
    expect(point).toMatchObject({ service: 'fixture', type: 'sum', value: 2 });
  });

  test('has the bounds of the contract for the histograms of instrumentations, scraped and by OTLP', () => {
    for (const name of ['http.server.request.duration', 'http.client.request.duration']) {
      expect(boundsOf(text, name.replaceAll('.', '_'))).toEqual([...BUCKETS.duration]);
      expect(receiver.points(name).map(({ bounds }) => bounds)).toContainEqual([...BUCKETS.duration]);
    }
  });

  test('keeps closed labels only of what an instrumentation puts on its figures', () => {
    expect(labelsOf(text, 'http_server_request_duration')).toEqual([
      'http_request_method',
      'http_response_status_code',
      'http_route',
    ]);
    expect(text).toContain('http_route="/jobs/:id"');
    expect(labelsOf(text, 'http_client_request_duration')).toEqual([
      'http_request_method',
      'http_response_status_code',
      'server_address',
    ]);
  });

  test('has figures of its processor, memory, uptime, event loop and open requests', () => {
    const names = receiver.points().map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining([
        'process.cpu.utilization',
        'process.memory.usage',
        'process.uptime',
        'nodejs.eventloop.utilization',
        'http.server.active_requests',
      ]),
    );
    expect(receiver.points('process.memory.usage')[0]?.value).toBeGreaterThan(20_000_000);
    expect(names.filter((name) => name.startsWith('v8js.'))).toEqual([]);
    const active = receiver.points('http.server.active_requests').map(({ labels, value }) => [labels, value]);
    expect(active).toContainEqual([{ 'http.request.method': 'GET' }, 0]);
  });

  test('counts 50,000 values of a label in 200 sets, the last of them for all that had no place', () => {
    const sets = receiver.points('bookings');
    expect(sets).toHaveLength(200);
    expect(sets.filter(({ labels }) => labels['otel.metric.overflow'] === true)).toHaveLength(1);
    expect(sets.reduce((sum, { value }) => sum + value, 0)).toBe(50_002);
  });
});

test('a scrape is open to this machine, and with a token file only to who brings the token', async () => {
  const file = join(folder, 'token');
  writeFileSync(file, 'a-long-secret\n');
  const app = await startMetricsApp({
    OTEL_METRICS_EXPORTER: 'prometheus',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    CALLSPAN_METRICS_TOKEN_FILE: file,
  });
  const statusWith = async (authorization?: string, method = 'GET') =>
    (await fetch(`${app.url}/metrics`, { method, headers: authorization ? { authorization } : {} })).status;
  expect(await statusWith('Bearer a-long-secret')).toBe(200);
  expect(await statusWith('Bearer a-long-secreT')).toBe(401);
  expect(await statusWith()).toBe(401);
  await app.stop();
}, 20_000);

test('the kit’s own listener serves a bot that mounts nothing, and closes for one that does', async () => {
  const [port] = await findFreePorts(1);
  const env = { OTEL_METRICS_EXPORTER: 'otlp,prometheus', OTEL_EXPORTER_PROMETHEUS_PORT: String(port) };
  const where = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const plain = await startMetricsApp({ ...env, ...where, FIXTURE_MOUNT: 'no' });
  const scraped = await (await fetch(`http://localhost:${port}/metrics`)).text();
  expect(scraped).toMatch(/^bookings_total\{kind="plumber",[^}]*\} 2$/m);
  expect((await fetch(`http://localhost:${port}/other`)).status).toBe(404);
  await plain.stop();
  const mounting = await startMetricsApp({ ...env, ...where });
  expect((await fetch(`${mounting.url}/metrics`)).status).toBe(200);
  await expect(fetch(`http://localhost:${port}/metrics`)).rejects.toThrow('fetch failed');
  await mounting.stop();
}, 20_000);

test('off loopback a listener without a token is refused at start, by the name of its variable', async () => {
  const start = startMetricsApp({ OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0' });
  await expect(start).rejects.toThrow(
    'OTEL_EXPORTER_PROMETHEUS_HOST is "0.0.0.0", off loopback; expected CALLSPAN_METRICS_TOKEN_FILE to be set too',
  );
}, 20_000);

test('an exporter that nobody knows is refused at start', async () => {
  await expect(startMetricsApp({ OTEL_METRICS_EXPORTER: 'statsd' })).rejects.toThrow(
    'OTEL_METRICS_EXPORTER is "statsd"; expected otlp, prometheus, otlp,prometheus or none',
  );
}, 20_000);

test.each([{ OTEL_METRICS_EXPORTER: 'none' }, { OTEL_SDK_DISABLED: 'true' }])(
  'with %j there are no metrics and no scrape',
  async (env) => {
    const away = await startMetricsReceiver();
    const app = await startMetricsApp({ OTEL_EXPORTER_OTLP_ENDPOINT: away.url, ...env } as Record<string, string>);
    expect((await fetch(`${app.url}/metrics`)).status).toBe(404);
    await app.stop();
    expect(away.points()).toEqual([]);
    away.close();
  },
  20_000,
);
