import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCallerConfig, readLinePort, readWebhookConfig } from '../../../services/caller/config.ts';

const SID = `AC${'a'.repeat(32)}`;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-caller-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (env: Record<string, string> = {}) => readCallerConfig({ CALLSPAN_DATA_DIR: folder, ...env });
const writeSecrets = (text: string) => writeFileSync(join(folder, 'secrets.json'), text);

test('account and token come from the secrets of the set where the environment has none', () => {
  writeSecrets(JSON.stringify({ TWILIO_ACCOUNT_SID: SID, TWILIO_AUTH_TOKEN: 'made', OTHER: 'x' }));
  expect(read()).toMatchObject({ accountSid: SID, authToken: 'made' });
  expect(read({ TWILIO_AUTH_TOKEN: 'given' })).toMatchObject({ accountSid: SID, authToken: 'given' });
});

test('the doors of the design are the defaults, and follow their variables', () => {
  const secrets = { TWILIO_ACCOUNT_SID: SID, TWILIO_AUTH_TOKEN: 't' };
  expect(read({ ...secrets, TWILIO_SIM_PORT: '' })).toEqual({
    port: 3003,
    accountSid: SID,
    authToken: 't',
    speed: 1,
    webhookUrl: 'http://127.0.0.1:3000/voice',
    statusCallbackUrl: 'http://127.0.0.1:3000/status',
    viewerUrl: 'http://127.0.0.1:4300',
    recordsUrl: 'http://127.0.0.1:3001',
    publicBaseUrl: undefined,
    callsPerMinute: 0,
  });
  expect(read({ ...secrets, BOT_URL: 'http://bot:3000/' })).toMatchObject({
    webhookUrl: 'http://bot:3000/voice',
    statusCallbackUrl: 'http://bot:3000/status',
  });
  const moved = { BOT_PORT: '1', VIEWER_PORT: '2', RECORDS_URL: 'http://127.0.0.1:5/', CALLSPAN_SPEED: '10' };
  expect(read({ ...secrets, ...moved })).toMatchObject({
    webhookUrl: 'http://127.0.0.1:1/voice',
    viewerUrl: 'http://127.0.0.1:2',
    recordsUrl: 'http://127.0.0.1:5',
    speed: 10,
  });
});

test.each([
  [{ TWILIO_SIM_PORT: 'x' }, /^TWILIO_SIM_PORT must be a port number$/],
  [{ TWILIO_SIM_PORT: '70000' }, /^TWILIO_SIM_PORT must be a port number$/],
  [{ CALLSPAN_SPEED: 'fast' }, /^CALLSPAN_SPEED must be a number$/],
  [{ TWILIO_ACCOUNT_SID: 'AC1' }, /^TWILIO_ACCOUNT_SID must be AC and 32/],
  [{ PUBLIC_BASE_URL: 'bot.example' }, /^PUBLIC_BASE_URL must be an http/],
  [{ TWILIO_ACCOUNT_SID: SID }, /^TWILIO_AUTH_TOKEN is not set .*run npm start$/],
])('%j is refused in one line that names the variable', (env, pattern) => {
  expect(() => read(env)).toThrow(pattern);
});

test('a secret may lie in a file of its own', () => {
  const file = join(folder, 'token');
  writeFileSync(file, 'from a file\n');
  const env = { TWILIO_ACCOUNT_SID: SID, TWILIO_AUTH_TOKEN_FILE: file };
  expect(read(env).authToken).toBe('from a file');
  expect(() => read({ ...env, TWILIO_AUTH_TOKEN_FILE: `${file}x` })).toThrow(
    `TWILIO_AUTH_TOKEN_FILE ${file}x cannot be read`,
  );
});

test('secrets that cannot be read are named by their file', () => {
  writeSecrets('{');
  expect(() => read()).toThrow(`${join(folder, 'secrets.json')} cannot be read`);
});

test('a client of the line needs its port and no secret', () => {
  expect(readLinePort({ CALLSPAN_DATA_DIR: folder, TWILIO_SIM_PORT: '4' })).toBe(4);
});

test('for the bot of a webhook an option comes before the environment, and this before the secrets of the set', () => {
  writeSecrets(JSON.stringify({ TWILIO_ACCOUNT_SID: SID, TWILIO_AUTH_TOKEN: 'made' }));
  const readFor = (authToken: string | undefined, env: Record<string, string> = {}) =>
    readWebhookConfig(authToken, { CALLSPAN_DATA_DIR: folder, ...env });
  const env = { TWILIO_AUTH_TOKEN: 'given' };
  expect(readFor('asked', env)).toMatchObject({ accountSid: SID, authToken: 'asked', tokenFrom: '--auth-token' });
  expect(readFor(undefined, env)).toMatchObject({ authToken: 'given', tokenFrom: 'TWILIO_AUTH_TOKEN' });
  expect(readFor(undefined)).toMatchObject({ authToken: 'made', tokenFrom: join(folder, 'secrets.json') });
});

test('for the bot of a webhook account and token are made up where there are none, each time anew', () => {
  const [one, other] = [0, 1].map(() => readWebhookConfig(undefined, { CALLSPAN_DATA_DIR: folder }));
  expect(one).toMatchObject({ accountSid: expect.stringMatching(/^AC[0-9a-f]{32}$/), tokenFrom: null });
  expect(one?.authToken).toMatch(/^[0-9a-f]{32}$/);
  expect(one?.authToken).not.toBe(other?.authToken);
});
