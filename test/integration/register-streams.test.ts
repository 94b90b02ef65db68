import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestReceiver, type TestReceiver } from 'callspan/testing';
import { createAppWith } from '../helpers/aliased-packages.ts';
import { killUntouched, spawnUntouched, stopUntouched } from '../helpers/untouched-bot.ts';

const BOT = 'test/fixtures/apps/untouched-menu.cjs';
const CALL_SID = `CA${'ef'.repeat(16)}`;

let receiver: TestReceiver;
beforeEach(async () => {
  receiver = await startTestReceiver();
});
afterEach(() => {
  killUntouched();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  return receiver.close();
});

const startBot = (env: Record<string, string> = {}, file = BOT) =>
  spawnUntouched({ file, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env } });

const servers: Server[] = [];

/** Another server that the bot asks. */
async function serve(answer: RequestListener): Promise<{ readonly server: Server; readonly url: string }> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const post = async (url: string, more: Record<string, string> = {}) =>
  (await fetch(url, { method: 'POST', body: new URLSearchParams({ CallSid: CALL_SID, ...more }) })).text();

const named = (name: string) => receiver.spans().filter((span) => span.name === name);

/** A stream of the call from its start on; resolves when the bot has greeted. */
async function openStream(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/media`);
  const greeted = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    if (String(data).includes('"greeting"')) greeted.resolve();
  };
  await once(socket as never, 'open');
  let sequence = 0;
  const send = (event: string, body: object) => {
    sequence += 1;
    socket.send(JSON.stringify({ event, sequenceNumber: String(sequence), streamSid: 'MZ1', ...body }));
  };
  send('start', { start: { streamSid: 'MZ1', callSid: CALL_SID, accountSid: 'AC1', tracks: ['inbound'] } });
  await greeted.promise;
  return {
    hear(frames: number, byte: number): void {
      const payload = Buffer.alloc(160, byte).toString('base64');
      for (let at = 0; at < frames; at += 1) {
        send('media', { media: { track: 'inbound', timestamp: String(sequence * 20), payload } });
      }
    },
    stop: () => send('stop', { stop: {} }),
    close: () => socket.close(),
  };
}

test('an id in the path of a webhook is no part of the name of its span, nor of its route', async () => {
  const bot = startBot();
  await post(`${await bot.url()}/menu/${CALL_SID}?of=${CALL_SID}`);
  await receiver.waitFor('the webhook', () => named('POST /menu/{id}').length === 1);
  expect(named('POST /menu/{id}')[0]?.attributes).toMatchObject({
    'http.route': '/menu/{id}',
    'url.path': `/menu/${CALL_SID}`,
  });
  await stopUntouched(bot);
});

test('a stream is set up from the webhook that began it, not from the menu before it or a callback after it', async () => {
  const times: number[] = [];
  const crm = await serve((_, response) => {
    times.push(Date.now());
    response.end();
  });
  const bot = startBot({ CRM_URL: crm.url });
  const url = await bot.url();
  await post(`${url}/menu`);
  for (let others = 0; others < 20; others += 1) await fetch(`${url}/status`);
  await post(`${url}/connect`);
  const answeredAtMs = Date.now();
  for (let others = 0; others < 20; others += 1) await fetch(`${url}/status`);
  await post(`${url}/status`);
  const line = await openStream(url);
  line.stop();
  await receiver.waitFor('the call', () => named('voice.call').length === 1);
  const [setup] = named('voice.setup');
  // Times of spans are rounded.
  expect(setup?.startMs).toBeGreaterThanOrEqual((times[0] ?? Number.NaN) - 2);
  expect(setup?.startMs).toBeLessThanOrEqual(answeredAtMs + 2);
  line.close();
  await stopUntouched(bot);
});

test('a call that its caller has ended keeps that end when the bot is told to end before its last work is done', async () => {
  // An answer that is on its way: the call would wait for its usage.
  const models = await serve((_, response) => void response.write('{"choices":'));
  const bot = startBot({ MODELS_URL: models.url });
  const line = await openStream(await bot.url());
  const isAsked = once(models.server, 'request');
  line.stop();
  await isAsked;
  expect(await stopUntouched(bot)).toEqual({ code: null, signal: 'SIGTERM' });
  await receiver.waitFor('the call', () => named('voice.call').length === 1);
  expect(named('voice.call')[0]?.attributes).toMatchObject({
    'voice.call.end_reason': 'caller_hangup',
    'voice.call.outcome': 'abandoned',
  });
});

test('a bot that sends its messages as bytes that it says are text is measured like any other', async () => {
  const bot = startBot({ AS_BYTES: 'yes' });
  const line = await openStream(await bot.url());
  line.hear(50, 0xff);
  line.stop();
  await receiver.waitFor('the call', () => named('voice.call').length === 1);
  expect(named('voice.playout')).toHaveLength(1);
  line.close();
  await stopUntouched(bot);
});

test('a bot on ws 7 is one trace like any other: its caller is heard, its greeting is one turn', async () => {
  const app = createAppWith('ws', 'ws-v7', BOT);
  const bot = startBot({}, app.file);
  const url = await bot.url();
  await post(`${url}/connect`);
  const line = await openStream(url);
  line.hear(50, 0xff);
  line.hear(50, 0x90);
  line.hear(50, 0xff);
  line.stop();
  await receiver.waitFor('the call', () => named('voice.call').length === 1);
  expect(new Set(receiver.spans().map(({ traceId }) => traceId)).size).toBe(1);
  const [call] = named('voice.call');
  expect(call?.attributes).toMatchObject({ 'voice.call.end_reason': 'caller_hangup', 'voice.media.frames_in': 150 });
  expect(named('voice.playout')).toHaveLength(1);
  expect(named('user_speech')).toHaveLength(1);
  line.close();
  await stopUntouched(bot);
  app.remove();
});
