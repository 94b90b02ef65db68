import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../helpers/free-ports.ts';
import { startMetricsApp } from '../helpers/metrics-app.ts';
import { eventually, type RunningEngine, startEngine } from './stage/engine.ts';
import { toLogRequest } from './stage/log-records.ts';
import { startLoki } from './stage/loki.ts';
import { listPrometheusFlags, writePrometheusFiles } from './stage/own-files.ts';

const EXAMPLE = 'collector/prometheus/scrape.example.yml';
const WITHIN_MS = 15_000;

let folder: string;
const running: RunningEngine[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-scrape-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((engine) => engine.stop()));
  rmSync(folder, { recursive: true });
});

/** The example as a person fills it in: an address, a file with a token; and ten times the pace. */
function writeExample(target: string, tokenFile: string): string {
  const changes = [
    ['127.0.0.1:9464', target],
    ['/run/secrets/callspan_metrics_token', tokenFile],
    ['scrape_interval: 10s', 'scrape_interval: 1s'],
    ['scrape_timeout: 5s', 'scrape_timeout: 1s'],
  ] as const;
  const file = join(folder, 'prometheus.yml');
  const text = changes.reduce(
    (sum, [from, to]) => {
      expect(sum).toContain(from);
      return sum.replace(from, to);
    },
    readFileSync(EXAMPLE, 'utf8'),
  );
  writeFileSync(file, text);
  return file;
}

/** The value of the first series, as Prometheus writes it. */
async function query(address: string, promql: string): Promise<string | undefined> {
  const answer = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result[0]?.value[1];
}

test('a Prometheus that only scrapes gets in with the token of its file, and with no other', async () => {
  const ours = join(folder, 'token-of-the-process');
  const theirs = join(folder, 'token-of-prometheus');
  writeFileSync(ours, 'a-token-of-some-length\n');
  writeFileSync(theirs, 'a-token-of-some-length');
  const app = await startMetricsApp({
    OTEL_METRICS_EXPORTER: 'prometheus',
    OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    CALLSPAN_METRICS_TOKEN_FILE: ours,
  });
  const [port] = await findFreePorts(1);
  const address = `127.0.0.1:${port}`;
  const args = [
    `--config.file=${writeExample(new URL(app.url).host, theirs)}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
  ];
  running.push(await startEngine('prometheus', { args, readyUrl: `http://${address}/-/ready` }));
  const ask = (promql: string) => query(address, promql);
  const up = 'up{job="callspan-bot",service_namespace="callspan"}';
  await eventually('the scrape is answered', WITHIN_MS, async () => (await ask(up)) === '1');
  expect(await ask('bookings_total{kind="plumber"}')).toBe('2');
  writeFileSync(theirs, 'another-token');
  await eventually('the scrape is refused', WITHIN_MS, async () => (await ask(up)) === '0');
  await app.stop();
}, 60_000);

test('Prometheus has the figures of the engines, its own among them, and says of one that is not there that it is down', async () => {
  const [port, nobody] = await findFreePorts(2);
  const address = `127.0.0.1:${port}`;
  const loki = await startLoki({ folder: join(folder, 'loki') });
  running.push(loki);
  const moved = {
    '127.0.0.1:9090': address,
    '127.0.0.1:3100': new URL(loki.url).host,
    '127.0.0.1:3200': `127.0.0.1:${nobody}`,
  };
  const args = [
    `--config.file=${writePrometheusFiles(join(folder, 'prometheus'), moved)}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    ...listPrometheusFlags(),
  ];
  running.push(await startEngine('prometheus', { args, readyUrl: `http://${address}/-/ready` }));
  await loki.ask('/otlp/v1/logs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: toLogRequest([{ service: 'bot', body: 'a line', traceId: '1'.repeat(32) }]),
  });
  await eventually('the line is in the figures', WITHIN_MS, async () => {
    return Number(await query(address, 'sum(loki_distributor_lines_received_total{job="loki"})')) === 1;
  });
  const ups = () => Promise.all(['loki', 'prometheus', 'tempo'].map((job) => query(address, `up{job="${job}"}`)));
  await eventually('all were asked', WITHIN_MS, async () => !(await ups()).includes(undefined));
  expect(await ups()).toEqual(['1', '1', '0']);
}, 60_000);
