import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDoctor } from '../helpers/doctor.ts';
import { findFreePorts } from '../helpers/free-ports.ts';
import { type AlarmSink, startAlarmSink } from './stage/alarm-sink.ts';
import { eventually, type RunningEngine, startEngine } from './stage/engine.ts';
import { listPrometheusFlags, OWN, writeAlertmanagerFiles } from './stage/own-files.ts';
import { TIME_FACTOR } from './stage/time-factor.ts';

const NAMED = ['--enable-feature=receiver-name-in-metrics'];

let folder: string;
let sink: AlarmSink;
let running: RunningEngine[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-doctor-'));
  sink = await startAlarmSink();
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((engine) => engine.stop()));
  sink.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Alertmanager with the project's routes, or with a file. @returns its address */
async function startAlertmanager(flags: readonly string[], file?: string): Promise<string> {
  const [port = 0] = await findFreePorts(1);
  const address = `127.0.0.1:${port}`;
  const args = [
    `--config.file=${file ?? writeAlertmanagerFiles(folder, sink, TIME_FACTOR)}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
    ...flags,
  ];
  running.push(await startEngine('alertmanager', { args, readyUrl: `http://${address}/-/ready` }));
  return `http://${address}`;
}

const askAlerts = (address: string) => runDoctor(['alerts', '--json'], { CALLSPAN_ALERTMANAGER_URL: address });

test('each receiver takes a marked test alert, and hears its end', async () => {
  const address = await startAlertmanager(NAMED);
  const { code, findings } = await askAlerts(address);
  expect(findings.map(({ level, where }) => `${level} ${where}`).sort()).toEqual([
    'ok receiver chat, slack',
    'ok receiver page, pagerduty',
    'ok receiver team, email',
    'ok receiver team, slack',
    'ok receiver watchdog, webhook',
  ]);
  expect(code).toBe(0);
  expect(sink.messages.map(({ channel }) => channel).sort()).toEqual(
    expect.arrayContaining(['email', 'pagerduty', 'slack', 'slack', 'webhook']),
  );
  const held = (await (await fetch(`${address}/api/v2/alerts`)).json()) as unknown[];
  expect(held).toEqual([]);
  await eventually('the end is told', 20_000, () => sink.messages.some(({ title }) => title.startsWith('Ended: ')));
});

test('a receiver whose secret is missing is named, and the others are told all the same', async () => {
  const address = await startAlertmanager(NAMED);
  rmSync(join(folder, 'secrets', 'pagerduty-routing-key'));
  const { code, findings } = await askAlerts(address);
  expect(code).toBe(1);
  expect(findings.filter(({ level }) => level === 'error')).toEqual([
    expect.objectContaining({ where: 'receiver page, pagerduty', wayOut: expect.stringContaining('secret') }),
  ]);
  expect(findings.filter(({ level }) => level === 'ok')).toHaveLength(4);
}, 90_000);

test('a second test does not wait for the group that the first has left', async () => {
  const file = writeAlertmanagerFiles(folder, sink, TIME_FACTOR);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain('group_interval:');
  writeFileSync(file, text.replaceAll(/group_interval: \S+/g, 'group_interval: 10m'));
  const address = await startAlertmanager(NAMED, file);
  expect((await askAlerts(address)).code).toBe(0);
  expect((await askAlerts(address)).code).toBe(0);
}, 90_000);

test('without names in its counters, receivers of one kind are told together', async () => {
  const address = await startAlertmanager([]);
  const { code, findings } = await askAlerts(address);
  expect(code).toBe(0);
  expect(findings.find(({ where }) => where === 'receiver chat, slack')?.what).toContain(
    'for all receivers with slack',
  );
});

test('where nobody is told, as in development, that is said', async () => {
  const address = await startAlertmanager(NAMED, 'collector/compose/alertmanager.development.yaml');
  const { code, findings } = await askAlerts(address);
  expect([code, findings]).toEqual([0, [expect.objectContaining({ id: 'alerts.channels', level: 'warning' })]]);
});

test('an Alertmanager that is not there is an error with the variable of its address', async () => {
  const { code, findings } = await askAlerts('http://127.0.0.1:9');
  expect([code, findings]).toEqual([
    1,
    [expect.objectContaining({ level: 'error', wayOut: expect.stringContaining('CALLSPAN_ALERTMANAGER_URL') })],
  ]);
});

/** Prometheus with the project's rules, a target that is not there and nobody to tell. */
async function startPrometheus(flags: readonly string[]): Promise<string> {
  const [port = 0] = await findFreePorts(1);
  const address = `127.0.0.1:${port}`;
  const config = {
    rule_files: [join(process.cwd(), OWN.rules, '*.yaml')],
    scrape_configs: [
      {
        job_name: 'gone',
        scrape_interval: '100ms',
        scrape_timeout: '100ms',
        static_configs: [{ targets: ['127.0.0.1:9'] }],
      },
    ],
  };
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, JSON.stringify(config));
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'tsdb')}`,
    `--web.listen-address=${address}`,
    ...flags,
  ];
  running.push(await startEngine('prometheus', { args, readyUrl: `http://${address}/-/ready` }));
  return `http://${address}`;
}

/** Only Prometheus is there. */
const others = Object.fromEntries(
  ['COLLECTOR_OTLP', 'TEMPO', 'LOKI', 'ALERTMANAGER', 'GRAFANA'].map((name) => [
    `CALLSPAN_${name}_URL`,
    'http://127.0.0.1:9',
  ]),
);

test('of a stack that runs, each engine that does not answer and what Prometheus misses is told', async () => {
  const address = await startPrometheus(listPrometheusFlags().filter((flag) => !flag.includes('enable-feature')));
  await eventually('the target was scraped', 20_000, async () => {
    const answer = await fetch(`${address}/api/v1/targets`);
    return (await answer.text()).includes('"health":"down"');
  });
  const { code, findings } = await runDoctor(['stack', '--json'], { ...others, CALLSPAN_PROMETHEUS_URL: address });
  expect(code).toBe(1);
  const of = (id: string) => findings.find((finding) => finding.id === `engines.${id}`);
  expect(of('prometheus')).toMatchObject({ level: 'ok' });
  expect(of('rules')).toMatchObject({ level: 'ok', what: expect.stringMatching(/^\d{2,} rules are evaluated$/) });
  for (const gone of ['collector', 'tempo', 'loki', 'alertmanager', 'grafana']) {
    expect(of(gone)).toMatchObject({ level: 'error', wayOut: expect.stringContaining(`docker compose logs ${gone}`) });
  }
  expect(of('targets')).toMatchObject({ where: 'http://127.0.0.1:9/metrics' });
  expect(of('told')).toMatchObject({ level: 'error' });
  expect(of('flags')?.what).toContain('created-timestamp-zero-ingestion');
});
