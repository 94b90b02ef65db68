import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runDoctor } from '../helpers/doctor.ts';
import { findFreePorts } from '../helpers/free-ports.ts';
import { type RunningSet, startSet } from '../helpers/running-set.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-doctor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Ports on which nobody listens: not those of a set that may run on this machine. */
const UNUSED = {
  BOT_PORT: '1',
  BOT_METRICS_PORT: '2',
  RECORDS_PORT: '3',
  STANDIN_PORT: '4',
  TWILIO_SIM_PORT: '5',
  VIEWER_PORT: '6',
  VIEWER_OTLP_PORT: '7',
};
const setUp = (more: Record<string, string> = {}) => ({ ...UNUSED, CALLSPAN_DATA_DIR: join(folder, 'data'), ...more });

describe('beside a set that runs', () => {
  let set: RunningSet;
  beforeAll(async () => {
    set = await startSet(['--no-call', '--only', 'viewer,records,openai']);
    await set.said('Callspan is running');
  }, 60_000);
  afterAll(() => set.cleanUp());

  test('nothing is wrong, and a marked span, log record and metric arrive', async () => {
    const { code, findings } = await runDoctor(['--json'], set.env);
    expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect(code).toBe(0);
    const what = (id: string) => findings.find((finding) => finding.id === id)?.what;
    expect(what('telemetry.traces-arrived')).toContain('found again in the viewer');
    expect(what('telemetry.logs-arrived')).toContain('kept');
    expect(what('telemetry.metrics-arrived')).toContain('kept');
    expect(what('ports.viewer')).toContain("held by Callspan's viewer");
    expect(what('ports.bot')).toBe('free for bot');
    expect(what('reach.models')).toBe('answers');
    expect(what('machine.clock')).toMatch(/s (before|behind) that of/);
    const calls = await (await fetch(`${set.address('VIEWER_PORT')}/api/v1/calls`)).json();
    expect(calls).toMatchObject({ calls: [] });
  });

  test('telemetry that is sent to nobody is an error with its address', async () => {
    const elsewhere = { ...set.env, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const { code, output } = await runDoctor([], elsewhere);
    expect(code).toBe(1);
    expect(output).toMatch(
      /^error {4}http:\/\/127\.0\.0\.1:9\/v1\/traces: traces go there, and it does not answer.* -> /m,
    );
  });
});

test('a set-up that was never started has no error, and nothing is made in it', async () => {
  const { code, findings } = await runDoctor(['--json'], setUp());
  expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  expect(code).toBe(0);
  expect(findings.filter(({ id }) => id === 'secrets.present')).toHaveLength(3);
  expect(readdirSync(folder)).toEqual([]);
});

test('a wrong value is named with its variable, and so is a misspelled variable with the one that was meant', async () => {
  const wrong = { VIEWER_PORT: 'many', CALLSPAN_RETENTON: 'staging', CALLSPAN_CAPTURE: 'everything' };
  const { code, findings } = await runDoctor(['--json'], setUp(wrong));
  expect(code).toBe(1);
  const errors = findings.filter(({ level }) => level === 'error').map(({ what }) => what);
  expect(errors).toContainEqual(expect.stringContaining('VIEWER_PORT'));
  expect(errors).toContainEqual(expect.stringContaining('CALLSPAN_CAPTURE must be off, masked or full'));
  expect(findings).toContainEqual(
    expect.objectContaining({ where: 'CALLSPAN_RETENTON', wayOut: 'did you mean CALLSPAN_RETENTION?' }),
  );
});

test('where telemetry of a set-up goes that is refused is not guessed', async () => {
  const { findings } = await runDoctor(['--json'], setUp({ CALLSPAN_MODELS: 'openai', OPENAI_API_KEY: 'sk-wrong' }));
  expect(findings).toContainEqual(
    expect.objectContaining({ level: 'error', where: 'npm start', what: expect.stringContaining('stand-in models') }),
  );
  expect(findings.filter(({ id }) => id.startsWith('telemetry.'))).toMatchObject([
    { id: 'telemetry.unknown', level: 'warning' },
  ]);
});

test('a port that somebody else holds is told with who holds it and the variable that moves it', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { code, findings } = await runDoctor(['--json'], setUp({ BOT_PORT: String(port) }));
  server.close();
  expect(code).toBe(1);
  expect(findings.find(({ id }) => id === 'ports.bot')).toMatchObject({
    level: 'error',
    what: expect.stringContaining(`pid ${process.pid}`),
    wayOut: 'stop it, or set BOT_PORT to a free port',
  });
});

test('a data folder that cannot be made is an error', async () => {
  writeFileSync(join(folder, 'file'), '');
  const { code, findings } = await runDoctor(['--json'], setUp({ CALLSPAN_DATA_DIR: join(folder, 'file', 'data') }));
  expect(code).toBe(1);
  expect(findings.find(({ id }) => id === 'machine.data-folder')).toMatchObject({ level: 'error' });
});

test('secrets that others may read or everybody guesses are told, their values are not', async () => {
  mkdirSync(join(folder, 'data'));
  const made = join(folder, 'data', 'secrets.json');
  writeFileSync(made, JSON.stringify({ CALLSPAN_STREAM_SECRET: 'aaaabbbb'.repeat(8) }));
  chmodSync(made, 0o644);
  const weak = { CALLSPAN_HMAC_KEY: 'changeme', CALLSPAN_ENVIRONMENT: 'production' };
  const { code, findings, output } = await runDoctor(['--json'], setUp(weak));
  expect(code).toBe(1);
  const told = findings.filter(({ id, level }) => id.startsWith('secrets.') && level !== 'ok');
  expect(told.map(({ level, where, what }) => [level, where, what])).toEqual([
    ['error', made, 'CALLSPAN_STREAM_SECRET repeats a few characters'],
    ['error', 'CALLSPAN_HMAC_KEY', 'CALLSPAN_HMAC_KEY is a word that everybody tries first'],
    ['error', 'TWILIO_AUTH_TOKEN', 'TWILIO_AUTH_TOKEN is missing'],
    ['warning', made, 'mode 0644: others on this machine may read or change it'],
  ]);
  expect(output).not.toContain('changeme');
  expect(output).not.toContain('aaaabbbb');
});

test('telemetry that was refused, and a spool that is half full, are told', async () => {
  const spool = join(folder, 'data', 'bot', 'spool');
  mkdirSync(join(spool, 'dead'), { recursive: true });
  mkdirSync(join(spool, 'p1-a'));
  writeFileSync(join(spool, 'dead', 'traces-1'), 'refused');
  writeFileSync(join(spool, 'p1-a', 'traces-1'), 'x'.repeat(600_000));
  const { findings } = await runDoctor(['--json'], setUp({ CALLSPAN_SPOOL_MAX_BYTES: '1048576' }));
  const told = findings.filter(({ id }) => id.startsWith('spool.')).map(({ id, level, where }) => [id, level, where]);
  expect(told).toEqual([
    ['spool.waiting', 'warning', spool],
    ['spool.aside', 'warning', join(spool, 'dead')],
    ['spool.waiting', 'ok', join(folder, 'data', 'records', 'spool')],
  ]);
});

test('limits that are wrong are told with the line', async () => {
  const { code, findings } = await runDoctor(['--json'], setUp({ CALLSPAN_THRESHOLD_RESPONSE_GAP_WARNING_MS: 'soon' }));
  expect(code).toBe(1);
  expect(findings.find(({ id }) => id === 'thresholds.file')).toMatchObject({
    level: 'error',
    what: expect.stringContaining('CALLSPAN_THRESHOLD_RESPONSE_GAP_WARNING_MS'),
  });
});

test.each([
  ['engines', 'error'],
  ['stack', 'warning'],
])('that no engine answers is to who asks about %s: %s', async (subject, level) => {
  const nobody = `http://127.0.0.1:${(await findFreePorts(1))[0]}`;
  const engines = ['COLLECTOR_OTLP', 'TEMPO', 'LOKI', 'PROMETHEUS', 'ALERTMANAGER', 'GRAFANA'];
  const addresses = Object.fromEntries(engines.map((name) => [`CALLSPAN_${name}_URL`, nobody]));
  const { code, findings } = await runDoctor([subject, '--json'], setUp(addresses));
  expect(findings.find(({ id }) => id === 'engines.running')).toMatchObject({ level, what: 'no engine answers' });
  if (level === 'error') expect(code).toBe(1);
});

test.each([[['nonsense']], [['--wrong']]])('%j is wrong usage', async (args) => {
  const { code, errors } = await runDoctor(args, setUp());
  expect(code).toBe(2);
  expect(errors).toMatch(/^doctor: /);
});

test('the help says what there is', async () => {
  const { code, output } = await runDoctor(['--help'], setUp());
  expect([code, output]).toEqual([0, expect.stringContaining('npm run doctor -- [stack | engines | alerts]')]);
});
