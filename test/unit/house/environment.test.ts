import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planSet } from '../../../services/set/environment.ts';
import { parseOptions, SERVICE_NAMES } from '../../../services/set/options.ts';
import { withoutForeignSecrets } from '../../../services/set/service-secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-plan-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plan = (env: Record<string, string> = {}, ...args: string[]) => {
  const full = { CALLSPAN_DATA_DIR: join(folder, 'data'), ...env };
  return planSet(parseOptions(args, full), full);
};

test('secrets are made at the first start, kept, and readable by their owner only', () => {
  const first = plan().env.TWILIO_AUTH_TOKEN;
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  expect(plan().env.TWILIO_AUTH_TOKEN).toBe(first);
  expect(statSync(join(folder, 'data', 'secrets.json')).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
});

test('a secret that the person gives, in a variable or a file, is used instead of the made one', () => {
  expect(plan({ CALLSPAN_HMAC_KEY: 'mine' }).env.CALLSPAN_HMAC_KEY).toBe('mine');
  expect(plan({ CALLSPAN_HMAC_KEY_FILE: '/run/secrets/key' }).env.CALLSPAN_HMAC_KEY).toBeUndefined();
  expect(JSON.parse(readFileSync(join(folder, 'data', 'secrets.json'), 'utf8'))).toHaveProperty('CALLSPAN_HMAC_KEY');
});

test('the simulated line speaks to the stand-in whatever key is in the shell, and keeps content', () => {
  expect(plan({ OPENAI_API_KEY: 'sk-real' }).env).toMatchObject({
    OPENAI_API_KEY: 'stand-in',
    OPENAI_BASE_URL: 'http://127.0.0.1:3002/v1',
    CALLSPAN_CAPTURE: 'full',
  });
});

test('a real line starts no simulation and keeps content masked, or none when it would leave the machine', () => {
  const keys = { TWILIO_ACCOUNT_SID: 'AC1', TWILIO_AUTH_TOKEN: 't', OPENAI_API_KEY: 'sk', CALLSPAN_MODELS: 'openai' };
  const { services, env } = plan({ PUBLIC_BASE_URL: 'https://bot.example.com', ...keys });
  expect(services).toEqual(['viewer', 'records', 'bot']);
  expect(env).toMatchObject({ CALLSPAN_CAPTURE: 'masked', OPENAI_API_KEY: 'sk' });
  expect(env.OPENAI_BASE_URL).toBeUndefined();
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT']) {
    const elsewhere = { ...keys, PUBLIC_BASE_URL: 'https://bot.example.com', [name]: 'https://collector.example.com' };
    expect(plan(elsewhere).env.CALLSPAN_CAPTURE).toBe('off');
  }
});

test('telemetry goes to the viewer, or where the person says and then nothing is announced to the viewer', () => {
  expect(plan({ VIEWER_OTLP_PORT: '5318' }).env).toMatchObject({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:5318',
    CALLSPAN_LIVE_ENDPOINT: 'http://127.0.0.1:5318/v1/pending',
  });
  expect(plan({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }).env.CALLSPAN_LIVE_ENDPOINT).toBeUndefined();
});

test('the services log into the data folder and not into the terminal, unless the person says otherwise', () => {
  expect(plan().env).toMatchObject({ LOG_DIR: join(folder, 'data', 'logs'), LOG_CONSOLE: 'off' });
  expect(plan({ LOG_DIR: '/var/log/callspan', LOG_CONSOLE: 'on' }).env).toMatchObject({
    LOG_DIR: '/var/log/callspan',
    LOG_CONSOLE: 'on',
  });
});

test('a file of secrets that was cut is named with what to do, and its content is not quoted', () => {
  const file = join(folder, 'data', 'secrets.json');
  mkdirSync(join(folder, 'data'));
  for (const text of ['{"TWILIO_AUTH_TOKEN": "0123', '', '[1]', 'null']) {
    writeFileSync(file, text);
    expect(() => plan()).toThrow(
      new RegExp(`^${file} is cut or is no JSON of secrets: put it back from a copy, or delete it`),
    );
    expect(readFileSync(file, 'utf8')).toBe(text);
  }
});

test('secrets are written beside their file and moved into place, whatever a killed start left there', () => {
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'data', 'secrets.json.new'), '{"TWILIO', { mode: 0o644 });
  plan();
  expect(readdirSync(join(folder, 'data'))).toEqual(['secrets.json']);
  expect(statSync(join(folder, 'data', 'secrets.json')).mode & 0o777).toBe(0o600);
});

test('an empty CALLSPAN_SPEED counts as not set', () => {
  expect(parseOptions([], { CALLSPAN_SPEED: '' }).speed).toBe(1);
  expect(parseOptions([], { CALLSPAN_SPEED: '4' }).speed).toBe(4);
});

const sender = ['records', 'bot'];
test.each([
  ['OPENAI_API_KEY', ['bot']],
  ['CALLSPAN_STREAM_SECRET', ['bot']],
  ['TWILIO_AUTH_TOKEN', ['bot', 'caller']],
  ['CALLSPAN_HMAC_KEY', sender],
  ['DATABASE_URL', ['records']],
  ['DATABASE_PASSWORD', ['records']],
  ['CALLSPAN_OPERATIONS_TOKEN', ['viewer', ...sender]],
  ['CALLSPAN_TELEMETRY_TOKEN', ['viewer', ...sender]],
  ['CALLSPAN_METRICS_TOKEN', sender],
  ['INFLUXDB_TOKEN', sender],
  ['OTEL_EXPORTER_OTLP_HEADERS', sender],
  ['OTEL_EXPORTER_OTLP_LOGS_HEADERS', sender],
])('%s reaches only the services that need it, as a variable or as a file', (name, services) => {
  for (const variable of [name, `${name}_FILE`]) {
    const env = { [variable]: 'value', PATH: '/bin' };
    const given = SERVICE_NAMES.filter((service) => withoutForeignSecrets(env, service)[variable] === 'value');
    expect(given).toEqual(services);
    for (const service of SERVICE_NAMES) expect(withoutForeignSecrets(env, service).PATH).toBe('/bin');
  }
});
