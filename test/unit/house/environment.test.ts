import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planSet } from '../../../services/set/environment.ts';
import { parseOptions } from '../../../services/set/options.ts';

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
