import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { startTestCaller } from '../helpers/caller.ts';
import { startScriptedBot } from '../helpers/scripted-bot.ts';

let caller: Awaited<ReturnType<typeof startTestCaller>>;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  caller = await startTestCaller({ speed: 20 });
});
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(() => caller.close());

async function callBot(options: Parameters<typeof startScriptedBot>[0], more: object = {}) {
  const bot = await startScriptedBot(options);
  open.push(bot);
  const result = await caller.call({ script: 'silent-caller', webhook: `${bot.url}/voice`, ...more });
  return { bot, result };
}

test.each([
  [11200, { status: 403, body: 'Forbidden' }],
  [11200, { status: 500, body: '<Response/>' }],
  [12300, { type: 'application/json', body: '{}' }],
  [12100, { body: '<Response><Say>' }],
  [12102, { body: '<html></html>' }],
  [12200, { body: '<Response><Shout/></Response>' }],
  [31922, { body: '<Response><Connect><Stream url="ws://bot.example/media"/></Connect></Response>' }],
  [11750, { body: `<Response><Say>${'x'.repeat(65_536)}</Say></Response>` }],
  [11100, { body: '<Response><Redirect>http://</Redirect></Response>' }],
])('Twilio would end the call with %i for %j', async (errorCode, answer) => {
  const { result } = await callBot({ answer: () => answer });
  expect(result).toMatchObject({ end: { by: 'twilio', errorCode }, streamSid: null });
});

test('a bot that drops the connection is asked once more with the same idempotency token, then it is 11205', async () => {
  const heads: string[] = [];
  const server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      heads.push(String(data));
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  open.push(server);
  const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/voice`;
  const result = await caller.call({ script: 'silent-caller', webhook });
  expect(result).toMatchObject({ end: { by: 'twilio', errorCode: 11205 }, durationMs: 0 });
  const tokens = heads.map((head) => /i-twilio-idempotency-token: (\S+)/i.exec(head)?.[1]);
  expect(tokens).toHaveLength(2);
  expect(tokens[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(tokens[1]).toBe(tokens[0]);
});

test('a refused upgrade is 31920, told to the stream callback, and the document goes on', async () => {
  const { bot, result } = await callBot({
    upgradeStatus: 403,
    answer: (_request, { mediaUrl, url }) => ({
      body: `<Response><Connect><Stream url="${mediaUrl}" statusCallback="${url}/stream-status"/></Connect><Say>Pardon.</Say></Response>`,
    }),
  });
  expect(result).toMatchObject({ end: { by: 'twilio', errorCode: 31920 }, greeting: 'Pardon.' });
  expect(result.warnings).toMatchObject([{ code: 31920 }]);
  const told = bot.requests.find((one) => one.path === '/stream-status')?.form;
  expect(told?.get('StreamEvent')).toBe('stream-error');
  expect(told?.get('StreamError')).toMatch(/^31920 /);
});

test('an answer without an end is given up at 64 KiB and not read on', async () => {
  let written = 0;
  const server = createHttpServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/xml' });
    const write = () => {
      while (!response.destroyed && response.write(' '.repeat(16_384))) written += 16_384;
    };
    response.on('drain', write).on('error', () => undefined);
    write();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  open.push(server);
  const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/voice`;
  const result = await caller.call({ script: 'silent-caller', webhook });
  expect(result.end).toEqual({ by: 'twilio', errorCode: 11750 });
  // What the sockets of both sides hold, and not what fifteen seconds bring.
  expect(written).toBeLessThan(64 * 1024 * 1024);
});

test('a stream callback without an origin goes to that of its document', async () => {
  const { bot, result } = await callBot({
    answer: (_request, { mediaUrl }) => ({
      body: `<Response><Connect><Stream url="${mediaUrl}" statusCallback="/stream-status"/></Connect></Response>`,
    }),
    onMessage: (message, stream) => message.event === 'start' && stream.close(1000),
  });
  const told = bot.requests.filter((one) => one.path === '/stream-status').map(({ form }) => form.get('StreamEvent'));
  expect(told).toEqual(['stream-started', 'stream-stopped']);
  expect(result.warnings).toEqual([]);
});

test('nobody at the media address is 31902', async () => {
  const { result } = await callBot({
    answer: () => ({ body: '<Response><Connect><Stream url="ws://127.0.0.1:1/media"/></Connect></Response>' }),
  });
  expect(result.end).toEqual({ by: 'twilio', errorCode: 31902 });
});

test.each([
  [1008, 31921],
  [1011, 31921],
  [1007, 31924],
])('a bot that closes with %i is seen as %i', async (closeCode, errorCode) => {
  const { result } = await callBot({
    onMessage: (message, stream) => message.event === 'start' && stream.close(closeCode),
  });
  expect(result.end).toEqual({ by: 'twilio', errorCode, closeCode });
});

test('wrong messages of the bot are warnings, each number once, and the call goes on', async () => {
  const { result } = await callBot(
    {
      onMessage(message, stream) {
        if (message.event !== 'start') return;
        for (const wrong of ['nonsense', { event: 'mark', streamSid: message.streamSid }, Buffer.from([1])])
          stream.send(wrong);
        stream.say('Bonjour.', 'end');
      },
      onStream: (stream) => stream.send('early'),
    },
    { script: 'hang-up-early' },
  );
  expect(result.warnings.map((warning: { code: number }) => warning.code)).toEqual([31951, 31950]);
  expect(result.end).toEqual({ by: 'caller' });
});

test('a status callback that fails is tried three times and leaves a warning', async () => {
  const bot = await startScriptedBot({
    answer: ({ path }) => (path === '/done' ? { status: 500, body: '' } : { body: '<Response/>' }),
  });
  open.push(bot);
  const result = await caller.call({
    script: 'silent-caller',
    webhook: `${bot.url}/voice`,
    statusCallback: `${bot.url}/done`,
  });
  const tokens = bot.requests
    .filter((one) => one.path === '/done')
    .map((one) => one.headers['i-twilio-idempotency-token']);
  expect(tokens).toHaveLength(3);
  expect(new Set(tokens).size).toBe(1);
  expect(result.warnings).toMatchObject([{ code: 11200 }]);
});

const ONE_QUESTION = 'Hello, my name is Emma Clarke, how much is it?';
const SILENCE = Buffer.alloc(800, 0xff).toString('base64');

test.each([
  ['an unknown script', { script: 'nope' }, 404, 'unknown_script'],
  ['a missing script', {}, 400, 'invalid_request'],
  ['an unknown field', { script: 'appointment-fr', speed: 3 }, 400, 'invalid_request'],
  ['a script without words', { script: 'one-question', replace: [ONE_QUESTION, ''] }, 400, 'invalid_request'],
  ['a recording of nothing', { script: 'one-question', recordings: [''] }, 400, 'invalid_request'],
  ['a silent recording', { script: 'one-question', recordings: [SILENCE] }, 400, 'invalid_request'],
  ['an origin with a query', { script: 'one-question', mediaBase: 'ws://127.0.0.1:2/?a' }, 400, 'invalid_request'],
  ['a webhook that is none', { script: 'appointment-fr', webhook: 'ftp://x' }, 400, 'invalid_request'],
])('%s is refused before any call is placed', async (_name, body, status, code) => {
  const response = await caller.post(body);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { code, message: expect.any(String) } });
});

test('a body that is not JSON, an unknown call and an unknown path are answered in the same shape', async () => {
  const headers = { 'content-type': 'application/json' };
  const broken = await fetch(`${caller.url}/calls`, { method: 'POST', headers, body: '{' });
  expect([broken.status, await broken.json()]).toMatchObject([400, { error: { code: 'invalid_request' } }]);
  const unknown = await fetch(`${caller.url}/calls/CA0`);
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: 'unknown_call' } }]);
  const nowhere = await fetch(`${caller.url}/nowhere`);
  expect([nowhere.status, await nowhere.json()]).toMatchObject([404, { error: { code: 'not_found' } }]);
});
