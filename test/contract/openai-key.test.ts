import OpenAI from 'openai';
import { WebSocket } from 'ws';
import { readStandinConfig } from '../../services/openai/config.ts';
import { type RunningStandin, startStandin } from '../../services/openai/start.ts';

// A key is asked for wherever the stand-in is given one: that loopback is listened on here does not matter.
const KEY = 'the-only-key';
let standin: RunningStandin;
beforeAll(async () => {
  standin = await startStandin({ host: '127.0.0.1', apiKey: KEY, port: 0, seed: 1, profile: 'instant', speed: 1 });
});
afterAll(() => standin.close());

const list = (apiKey: string) =>
  new OpenAI({ baseURL: `${standin.url}/v1`, apiKey, maxRetries: 0, logLevel: 'off' }).models.list();

test('off loopback the stand-in takes its key and no other, by whatever name it is called', async () => {
  await expect(list(KEY)).resolves.toMatchObject({ object: 'list' });
  await expect(list('another')).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
});

test('its switches ask for the key, too; its health is for everybody', async () => {
  expect((await fetch(`${standin.url}/control`)).status).toBe(401);
  expect((await fetch(`${standin.url}/control`, { headers: { authorization: `Bearer ${KEY}` } })).status).toBe(200);
  expect((await fetch(`${standin.url}/healthz`)).status).toBe(200);
});

test.each([
  [KEY, 101],
  ['another', 401],
])('a realtime session with the key %s is answered with %i', async (key, status) => {
  const address = `${standin.url.replace('http', 'ws')}/v1/realtime?model=gpt-realtime-2.1-mini`;
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${key}`, host: 'openai:3002' } });
  const answered = await new Promise((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
  });
  socket.on('error', () => undefined);
  socket.terminate();
  expect(answered).toBe(status);
});

test('off loopback without a key it is not started', () => {
  expect(() => readStandinConfig({ STANDIN_HOST: '0.0.0.0' })).toThrow(
    'STANDIN_HOST 0.0.0.0 is not loopback: set OPENAI_API_KEY, or leave STANDIN_HOST out',
  );
  expect(readStandinConfig({ OPENAI_API_KEY: 'of the shell' })).not.toHaveProperty('apiKey');
});
