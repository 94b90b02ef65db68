import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { PHRASE_KEYS } from '../../services/bot/domain/phrases.ts';
import { startTestBot, type TestBot } from '../helpers/test-bot.ts';
import { startTestCaller } from '../helpers/test-caller.ts';

const PHRASES = 2 * PHRASE_KEYS.length;
let folder: string;
/** A speech provider that can be looked at and switched off; behind it is the stand-in of the running bot. */
const provider = { url: '', requests: 0, isDown: false, behind: '', close: async () => undefined as unknown };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-phrases-'));
  const server = createServer(async (request, response) => {
    provider.requests += 1;
    const headers = { 'content-type': 'application/json', authorization: 'Bearer any' };
    const body = new Uint8Array(await buffer(request));
    const answer = provider.isDown
      ? new Response('{}', { status: 400 })
      : await fetch(`${provider.behind}${request.url}`, { method: 'POST', headers, body });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(new Uint8Array(await answer.arrayBuffer()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  provider.close = async () => {
    server.closeAllConnections();
    server.close();
  };
});
afterAll(async () => {
  await provider.close();
  rmSync(folder, { recursive: true });
});

const phraseFolder = () => join(folder, 'bot', 'phrases');
function recordings(): string[] {
  try {
    return readdirSync(phraseFolder()).filter((file) => file.endsWith('.ulaw'));
  } catch {
    return [];
  }
}

async function start(): Promise<TestBot> {
  provider.requests = 0;
  const running = await startTestBot({ TTS_BASE_URL: provider.url }, folder);
  provider.behind = running.standinUrl;
  return running;
}

async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await new Promise((resolve) => setImmediate(resolve));
}

test('the first start records every phrase; the next one speaks them without its provider', async () => {
  const first = await start();
  await until(() => recordings().length === PHRASES);
  await first.bot.close();
  expect(provider.requests).toBe(PHRASES);
  await first.close();

  provider.isDown = true;
  const second = await start();
  const line = await startTestCaller(second);
  const call = await line.call('silent-caller');
  const asks = 'Êtes-vous toujours là ?';
  expect(call.greeting).toBe(
    `Bonjour, que puis-je faire pour vous ? ${asks} ${asks} Je ne vous entends pas. Rappelez-nous, au revoir.`,
  );
  const speech = second.recorder.spans().filter((span) => span.name.startsWith('text_to_speech'));
  expect(speech.map((span) => [span.attributes['voice.tts.cached'], span.attributes['error.type']])).toEqual(
    Array.from({ length: 4 }, () => [true, undefined]),
  );
  await line.close();
  await second.close();
}, 60_000);

test('a recording that was damaged is made again, and it alone', async () => {
  provider.isDown = false;
  truncateSync(join(phraseFolder(), recordings()[0] ?? ''), 100);
  const third = await start();
  await until(() => provider.requests > 0 && recordings().length === PHRASES);
  await third.close();
  expect(provider.requests).toBe(1);
}, 60_000);
