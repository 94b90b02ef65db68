import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLiveTranscriber } from '../../services/bot/adapters/openai-realtime/live-transcriber.ts';
import type { Language } from '../../services/bot/domain/ports.ts';
import { createClock } from '../../services/line/clock.ts';
import { modulate } from '../../services/line/modem.ts';
import { encodeMulaw } from '../../services/line/mulaw.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';
import { openHarness } from '../helpers/openai-standin.ts';
import { type Heard, type ScriptedRealtime, startScriptedRealtime } from '../helpers/scripted-realtime.ts';

const KIND = 'conversation.item.input_audio_transcription';
const FRAME = Int16Array.from({ length: 160 }, (_, index) => Math.round(8000 * Math.sin(index / 5)));
const never = new AbortController().signal;

let server: ScriptedRealtime;
let transcriber: ReturnType<typeof createLiveTranscriber>;
beforeEach(async () => {
  server = await startScriptedRealtime();
  transcriber = create(server.baseUrl);
});
afterEach(async () => {
  transcriber.close();
  await server.close();
});

function create(baseUrl: string, clock = createClock()) {
  return createLiveTranscriber({ baseUrl, apiKey: 'key', model: 'gpt-live-transcribe', clock });
}

function listen(turnIndex = 1, { callSid = 'CA1', language = 'fr' as Language, from = transcriber } = {}) {
  return from.port.listen({ turn: { callSid, turnIndex }, language, signal: never });
}

/** Streams one frame, commits, and tells the failure. */
async function failureOf(from = transcriber): Promise<unknown> {
  const stream = listen(1, { from });
  stream.append(FRAME);
  return stream.commit().catch((error: { code: string }) => error.code);
}

const completed = (itemId: string, transcript: string) => ({ type: `${KIND}.completed`, item_id: itemId, transcript });
const committed = (itemId: string) => ({ type: 'input_audio_buffer.committed', item_id: itemId });

async function answer(heard: Heard, itemId: string, text: string): Promise<void> {
  await heard.next('input_audio_buffer.commit');
  heard.say(committed(itemId), completed(itemId, text));
}

test('what was said before the session is open reaches it in order, as the µ-law of the line', async () => {
  const stream = listen();
  stream.append(FRAME);
  stream.append(FRAME.map((sample) => -sample));
  const heard = await server.connection(0);
  await heard.next('input_audio_buffer.append');
  stream.append(FRAME);
  const text = stream.commit();
  await answer(heard, 'item_1', ' Bonjour. ');
  expect(await text).toBe('Bonjour.');
  expect(heard.path).toBe('/v1/realtime?intent=transcription');
  expect(heard.headers.authorization).toBe('Bearer key');
  expect(heard.events[0]).toMatchObject({
    session: {
      type: 'transcription',
      audio: {
        input: {
          format: { type: 'audio/pcmu' },
          transcription: { model: 'gpt-live-transcribe' },
          turn_detection: null,
        },
      },
    },
  });
  const audio = heard.events.filter(({ type }) => type === 'input_audio_buffer.append').map((event) => event.audio);
  const expected = [FRAME, FRAME.map((sample) => -sample), FRAME];
  expect(audio).toEqual(expected.map((frame) => Buffer.from(encodeMulaw(frame)).toString('base64')));
  expect(heard.events.at(-1)?.type).toBe('input_audio_buffer.commit');
});

test('transcripts that come in another order go to the utterances they belong to', async () => {
  const heard = server.connection(0);
  const first = listen(1);
  first.append(FRAME);
  const firstText = first.commit();
  const second = listen(2);
  second.append(FRAME);
  const secondText = second.commit();
  const { next, say } = await heard;
  await next('input_audio_buffer.commit');
  await next('input_audio_buffer.commit');
  say(committed('item_1'), committed('item_2'), completed('item_2', 'deux'), completed('item_1', 'un'));
  expect(await Promise.all([firstText, secondText])).toEqual(['un', 'deux']);
});

test('an utterance that was given up before its commit was confirmed does not take the words of the next', async () => {
  const first = listen(1);
  first.append(FRAME);
  const given = first.commit().catch((error: { code: string }) => error.code);
  const heard = await server.connection(0);
  await heard.next('input_audio_buffer.commit');
  first.cancel();
  const second = listen(2);
  second.append(FRAME);
  const text = second.commit();
  await heard.next('input_audio_buffer.commit');
  heard.say(committed('item_1'), committed('item_2'), completed('item_1', 'un'), completed('item_2', 'deux'));
  expect(await text).toBe('deux');
  expect(await given).toBe('cancelled');
});

test('a call has one socket for all its turns, another call its own, and none after it was released', async () => {
  transcriber.resources.open('CA1');
  const heard = await server.connection(0);
  for (const turn of [1, 2]) {
    const stream = listen(turn);
    stream.append(FRAME);
    const text = stream.commit();
    await answer(heard, `item_${turn}`, 'oui');
    expect(await text).toBe('oui');
  }
  expect(server.count()).toBe(1);
  listen(1, { callSid: 'CA2' });
  await server.connection(1);
  transcriber.resources.release('CA1');
  expect(await heard.closed).toBe(1000);
});

test('a call that ends while its socket is being opened leaves none open', async () => {
  transcriber.resources.open('CA1');
  transcriber.resources.release('CA1');
  const heard = await server.connection(0);
  expect(await heard.closed).toBe(1000);
});

test('words that were not committed are cleared, and the language of the call goes with the next ones', async () => {
  const heard = server.connection(0);
  const first = listen(1);
  first.append(FRAME);
  await (await heard).next('input_audio_buffer.append');
  first.cancel();
  const second = listen(2, { language: 'en' });
  second.append(FRAME);
  const text = second.commit();
  const { next, events } = await heard;
  await next('input_audio_buffer.clear');
  await answer(await heard, 'item_1', 'yes');
  expect(await text).toBe('yes');
  const languages = events
    .filter(({ type }) => type === 'session.update')
    .map(({ session }) => (session as Session).audio.input.transcription.language);
  expect(languages).toEqual([undefined, 'fr', 'en']);
});

type Session = { audio: { input: { transcription: { language?: string } } } };

test.each([
  [
    'failed transcription',
    'api',
    { type: `${KIND}.failed`, item_id: 'item_1', error: { type: 'server_error', code: 'oops' } },
  ],
  [
    'limit',
    'rate_limit',
    { type: 'error', error: { type: 'requests', code: 'rate_limit_exceeded', event_id: 'commit_1' } },
  ],
  ['server error without a cause', 'api', { type: 'error', error: { type: 'server_error', message: 'x' } }],
  ['text that is no event', 'parsing', ['not', 'an', 'event']],
  ['server error without a body', 'api', { type: 'error' }],
  ['failure without a body', 'api', { type: `${KIND}.failed`, item_id: 'item_1' }],
])('a %s ends the utterance as "%s"', async (_what, code, event) => {
  const failure = failureOf();
  const heard = await server.connection(0);
  await heard.next('input_audio_buffer.commit');
  heard.say(committed('item_1'), event);
  expect(await failure).toBe(code);
});

test.each([
  ['breaks', (heard: Heard) => heard.socket.terminate()],
  ['closes', (heard: Heard) => heard.socket.close(1011)],
  ['sends a frame over the limit', (heard: Heard) => heard.socket.send('x'.repeat(17_000_000))],
])('a socket that %s fails the utterance, and the next one has a new socket', async (_what, spoil) => {
  const failure = failureOf();
  const heard = await server.connection(0);
  await heard.next('input_audio_buffer.commit');
  spoil(heard);
  expect(await failure).toBe('websocket');
  const stream = listen(2);
  stream.append(FRAME);
  const text = stream.commit();
  await answer(await server.connection(1), 'item_1', 'encore');
  expect(await text).toBe('encore');
});

test('a socket that breaks while the caller speaks is told at the commit, not before', async () => {
  const stream = listen();
  stream.append(FRAME);
  const heard = await server.connection(0);
  await heard.next('input_audio_buffer.append');
  heard.socket.terminate();
  // The client has seen it when it opens another socket.
  while (server.count() < 2) {
    transcriber.resources.open('CA1');
    await new Promise((resolve) => setImmediate(resolve));
  }
  stream.append(FRAME);
  await expect(stream.commit()).rejects.toMatchObject({ code: 'websocket' });
});

/** A server that speaks HTTP only. */
async function startHttp(status: number | null): Promise<Server> {
  const http = createServer();
  http.on('upgrade', (_request, socket) => {
    socket.on('error', () => undefined);
    if (status) socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return http;
}
const addressOf = (http: Server) => `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`;

test.each([
  [429, 'rate_limit'],
  [401, 'api'],
  [500, 'api'],
])('a handshake refused with %i fails as "%s"', async (status, code) => {
  const http = await startHttp(status);
  expect(await failureOf(create(addressOf(http)))).toBe(code);
  http.close();
});

test('after a refused handshake the next turn tries again', async () => {
  const http = await startHttp(429);
  let handshakes = 0;
  http.on('upgrade', () => {
    handshakes += 1;
  });
  const refused = create(addressOf(http));
  await failureOf(refused);
  await failureOf(refused);
  expect(handshakes).toBe(2);
  http.close();
});

test('where nobody listens the utterance fails at once', async () => {
  expect(await failureOf(create('http://127.0.0.1:1/v1'))).toBe('websocket');
});

test('a handshake that is never answered is given up', async () => {
  const http = await startHttp(null);
  const clock = createFakeClock();
  const failure = failureOf(create(addressOf(http), clock));
  await once(http, 'upgrade');
  await clock.advance(1999);
  expect(await Promise.race([failure, 'waiting'])).toBe('waiting');
  await clock.advance(1);
  expect(await failure).toBe('timeout');
  http.closeAllConnections();
  http.close();
});

test('a session whose settings are never confirmed is given up', async () => {
  const silent = await startScriptedRealtime(false);
  const clock = createFakeClock();
  const failure = failureOf(create(silent.baseUrl, clock));
  await (await silent.connection(0)).next('session.update');
  await clock.advance(1500);
  expect(await failure).toBe('timeout');
  await silent.close();
});

test('a transcript that never comes is given up, and its socket with it', async () => {
  const clock = createFakeClock();
  const patient = create(server.baseUrl, clock);
  const failure = failureOf(patient);
  const heard = await server.connection(0);
  await heard.next('input_audio_buffer.commit');
  await clock.advance(2500);
  expect(await failure).toBe('timeout');
  await heard.closed;
  const again = failureOf(patient);
  await (await server.connection(1)).next('input_audio_buffer.commit');
  patient.close();
  expect(await again).toBe('cancelled');
});

test('the stand-in understands what is streamed to it', async () => {
  const harness = await openHarness();
  const live = create(`${harness.standin.url}/v1`);
  const text = "Bonjour, je m'appelle Claire Fontaine.";
  const samples = modulate(text, { voice: 'caller' });
  const stream = listen(1, { from: live });
  for (let at = 0; at < samples.length; at += 160) stream.append(samples.subarray(at, at + 160));
  expect(await stream.commit()).toBe(text);
  live.close();
  await harness.standin.close();
});
