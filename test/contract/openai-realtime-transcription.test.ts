import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { WebSocket } from 'ws';
import { modulate } from '../../services/line/modem.ts';
import { encodeMulaw } from '../../services/line/mulaw.ts';
import { resample } from '../../services/openai/domain/audio/resample.ts';
import { connectRealtime, type RealtimeClient, spokenMulaw } from '../helpers/openai-realtime.ts';
import { type Harness, openHarness } from '../helpers/openai-standin.ts';

const TEXT = "Bonjour, je m'appelle Claire Fontaine.";
const KIND = 'conversation.item.input_audio_transcription';
let harness: Harness;
let client: RealtimeClient;
beforeEach(async () => {
  harness = await openHarness();
  client = await connectRealtime(harness.standin, 'intent=transcription');
});
afterEach(() => harness.standin.close());

const settings = (model = 'gpt-live-transcribe', more: object = {}) => ({
  type: 'session.update',
  session: {
    type: 'transcription',
    audio: { input: { format: { type: 'audio/pcmu' }, transcription: { model }, turn_detection: null, ...more } },
  },
});
const append = (audio: string) => ({ type: 'input_audio_buffer.append', audio });
const COMMIT = { type: 'input_audio_buffer.commit', event_id: 'mine_1' };

test('µ-law that was appended and committed comes back as its words, piece by piece and whole', async () => {
  expect(await client.next('session.created')).toMatchObject({ session: { type: 'transcription' } });
  client.send(settings());
  expect(await client.next('session.updated')).toMatchObject({
    session: { audio: { input: { format: { type: 'audio/pcmu' }, turn_detection: null } } },
  });
  client.send(append(spokenMulaw(TEXT)), COMMIT);
  const committed = await client.next('input_audio_buffer.committed');
  const completed = await client.next(`${KIND}.completed`);
  expect(completed).toMatchObject({
    item_id: committed.item_id,
    content_index: 0,
    transcript: TEXT,
    usage: { type: 'duration', seconds: 2 },
    languages: [{ code: 'fr' }],
  });
  const deltas = client.events.filter(({ type }) => type === `${KIND}.delta`);
  expect(deltas.length).toBeGreaterThan(1);
  expect(deltas.map(({ delta }) => delta).join('')).toBe(TEXT);
  expect(client.events.every(({ event_id: id }) => typeof id === 'string')).toBe(true);
});

test('the client of the openai package is served over a plain connection', async () => {
  const port = Number(new URL(harness.standin.url).port);
  const openai = new OpenAI({ baseURL: `${harness.standin.url}/v1`, apiKey: 'any' });
  const options = { createConnection: () => connect(port, '127.0.0.1') };
  const realtime = new OpenAIRealtimeWS({ intent: 'transcription', options }, openai);
  const transcript = new Promise<string>((resolve, reject) => {
    realtime.on('error', reject);
    realtime.on('conversation.item.input_audio_transcription.completed', (event) => resolve(event.transcript));
  });
  await new Promise((resolve) => realtime.socket.once('open', resolve));
  for (const event of [settings(), append(spokenMulaw(TEXT)), COMMIT])
    realtime.send(event as Parameters<typeof realtime.send>[0]);
  expect(await transcript).toBe(TEXT);
  realtime.close();
});

test('audio/pcm is 24 kHz', async () => {
  const samples = resample(modulate(TEXT, { voice: 'caller' }), 8_000, 24_000);
  client.send(
    settings('gpt-transcribe', { format: { type: 'audio/pcm', rate: 24_000 } }),
    append(Buffer.from(samples.buffer).toString('base64')),
    COMMIT,
  );
  expect(await client.next(`${KIND}.completed`)).toMatchObject({ transcript: TEXT });
});

test('audio in many small frames is heard as one turn, and each commit begins a new one', async () => {
  client.send(settings());
  for (const words of ['One moment please.', 'Next Tuesday at ten.']) {
    const bytes = encodeMulaw(modulate(words, { voice: 'caller' }));
    for (let at = 0; at < bytes.length; at += 160)
      client.send(append(Buffer.from(bytes.subarray(at, at + 160)).toString('base64')));
    client.send(COMMIT);
    expect(await client.next(`${KIND}.completed`)).toMatchObject({ transcript: words });
  }
  const [first, second] = client.events.filter(({ type }) => type === 'input_audio_buffer.committed');
  expect([first?.previous_item_id, second?.previous_item_id]).toEqual([null, first?.item_id]);
});

test('silence is an empty transcript, and cleared audio is not heard', async () => {
  client.send(settings(), append(spokenMulaw(TEXT)), { type: 'input_audio_buffer.clear' });
  await client.next('input_audio_buffer.cleared');
  client.send(append(Buffer.alloc(4_000, 0xff).toString('base64')), COMMIT);
  expect(await client.next(`${KIND}.completed`)).toMatchObject({ transcript: '' });
  expect(client.events.some(({ type }) => type === `${KIND}.delta`)).toBe(false);
});

test('older models count tokens', async () => {
  client.send(settings('gpt-4o-mini-transcribe'), append(spokenMulaw(TEXT)), COMMIT);
  expect(await client.next(`${KIND}.completed`)).toMatchObject({
    usage: { type: 'tokens', input_token_details: { audio_tokens: expect.any(Number) } },
  });
});

test('a model that transcribes live refuses server_vad; others find the turns themselves', async () => {
  client.send(settings('gpt-live-transcribe', { turn_detection: { type: 'server_vad' } }));
  expect(await client.next('error')).toMatchObject({
    error: { type: 'invalid_request_error', param: 'session.audio.input.turn_detection' },
  });
  client.send(settings('gpt-transcribe', { turn_detection: { type: 'server_vad', silence_duration_ms: 300 } }));
  client.send(append(spokenMulaw(TEXT, 500)));
  expect(await client.next(`${KIND}.completed`)).toMatchObject({ transcript: TEXT });
  expect(client.events.some(({ type }) => type === 'response.created')).toBe(false);
});

test.each([
  ['an empty commit', COMMIT, 'input_audio_buffer_commit_empty', 'mine_1'],
  ['audio that is no base64', { ...append('?'), event_id: 'mine_2' }, 'invalid_value', 'mine_2'],
  ['an unknown event', { type: 'sing', event_id: 'mine_3' }, 'invalid_value', 'mine_3'],
  ['an event without a type', { event_id: 'mine_4' }, 'missing_required_parameter', 'mine_4'],
  ['a conversation event', { type: 'response.create' }, 'invalid_value', null],
  ['a session of the other kind', { type: 'session.update', session: { type: 'realtime' } }, 'invalid_value', null],
  ['A-law', settings('gpt-transcribe', { format: { type: 'audio/pcma' } }), 'invalid_value', null],
  ['16 kHz', settings('gpt-transcribe', { format: { type: 'audio/pcm', rate: 16_000 } }), 'invalid_value', null],
])('%s is an error event, and the session goes on', async (_name, event, code, causeId) => {
  client.send(event);
  expect(await client.next('error')).toMatchObject({
    event_id: expect.any(String),
    error: { type: 'invalid_request_error', code, message: expect.any(String), event_id: causeId },
  });
  client.send(settings(), append(spokenMulaw(TEXT)), COMMIT);
  expect(await client.next(`${KIND}.completed`)).toMatchObject({ transcript: TEXT });
});

test('what is no JSON is an error event, and the session goes on', async () => {
  client.socket.send('{"type":');
  expect(await client.next('error')).toMatchObject({ error: { code: 'invalid_json', event_id: null } });
  client.send(settings());
  await client.next('session.updated');
});

test('a message over the limit ends its session and no other', async () => {
  const other = await connectRealtime(harness.standin, 'intent=transcription');
  client.send(append('A'.repeat(17_000_000)));
  expect(await client.closed).toMatchObject({ code: 1009 });
  other.send(settings(), append(spokenMulaw(TEXT)), COMMIT);
  expect(await other.next(`${KIND}.completed`)).toMatchObject({ transcript: TEXT });
});

test('a model that cannot transcribe is named, and the session closed', async () => {
  client.send(settings('gpt-6-luna'));
  expect(await client.next('error')).toMatchObject({
    error: { code: 'invalid_model', message: 'Model "gpt-6-luna" is not supported in transcription mode.' },
  });
  expect(await client.closed).toEqual({ code: 4000, reason: 'invalid_request_error.invalid_model' });
});

test('transcription_failed, hang and rate_limit meet one turn each', async () => {
  client.send(settings());
  const speak = () => client.send(append(spokenMulaw(TEXT)), COMMIT);
  await harness.control({ route: 'realtime', fault: 'transcription_failed', next: 1 });
  speak();
  const failed = await client.next(`${KIND}.failed`);
  expect(failed).toMatchObject({ error: { code: 'transcription_failed', message: expect.any(String) } });
  await harness.control({ route: 'realtime', fault: 'rate_limit', next: 1, match: 'transcription' });
  speak();
  expect(await client.next('error')).toMatchObject({ error: { code: 'rate_limit_exceeded', event_id: 'mine_1' } });
  await harness.control({ route: 'realtime', fault: 'hang', next: 1 });
  speak();
  speak();
  const completed = await client.next(`${KIND}.completed`);
  const committed = client.events.filter(({ type }) => type === 'input_audio_buffer.committed');
  expect(committed).toHaveLength(4);
  expect(completed.item_id).toBe(committed[3]?.item_id);
});

test.each([
  [1011, 'The server had an error while processing your request'],
  [1006, ''],
])('close ends the session with %i in the middle of a transcript', async (code, reason) => {
  await harness.control({ route: 'realtime', fault: 'close', code });
  client.send(settings(), append(spokenMulaw(TEXT)), COMMIT);
  expect(await client.closed).toEqual({ code, reason });
  const deltas = client.events.filter(({ type }) => type === `${KIND}.delta`);
  const heard = deltas.map(({ delta }) => delta).join('');
  expect(heard).not.toBe('');
  expect(heard.length).toBeLessThan(TEXT.length);
  expect(client.events.some(({ type }) => type === `${KIND}.completed`)).toBe(false);
});

/** The answer to an upgrade that is refused. */
async function refused(path: string, headers: Record<string, string>): Promise<IncomingMessage & { body: unknown }> {
  const socket = new WebSocket(`${harness.standin.url.replace('http', 'ws')}${path}`, { headers });
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  return Object.assign(response, { body: await json(response) });
}

const KEY = { authorization: 'Bearer any' };

test.each([
  { how: 'without a key', status: 401 },
  { how: 'under another name', headers: { ...KEY, host: 'example.com' }, status: 403, code: 'forbidden_host' },
  { how: 'on another path', path: '/v1/live', headers: KEY, status: 404 },
])('an upgrade $how is refused in the shape of every error', async ({ path, headers, status, code }) => {
  const response = await refused(path ?? '/v1/realtime?intent=transcription', headers ?? {});
  expect(response.statusCode).toBe(status);
  expect(response.headers['x-request-id']).toMatch(/^req_/u);
  expect(response.body).toEqual({
    error: { message: expect.any(String), type: 'invalid_request_error', param: null, code: code ?? null },
  });
});

test('the fault refuse ends the next handshakes with 429 or 401, and no other', async () => {
  const path = '/v1/realtime?intent=transcription';
  await harness.control({ route: 'realtime', fault: 'refuse', next: 1, retryAfterMs: 1_500 });
  const limited = await refused(path, KEY);
  expect(limited.statusCode).toBe(429);
  expect(limited.headers).toMatchObject({ 'retry-after-ms': '1500', 'x-ratelimit-remaining-requests': '0' });
  expect(limited.body).toMatchObject({ error: { code: 'rate_limit_exceeded' } });
  await harness.control({ route: 'realtime', fault: 'refuse', code: 401, next: 1 });
  const denied = await refused(path, KEY);
  expect(denied.statusCode).toBe(401);
  expect(denied.body).toMatchObject({ error: { code: 'invalid_api_key' } });
  await connectRealtime(harness.standin, 'intent=transcription');
});

test.each([
  ['model=gpt-0', 'invalid_model', 'Model "gpt-0" is not supported in realtime mode.'],
  ['model=gpt-6-luna', 'invalid_model', 'Model "gpt-6-luna" is not supported in realtime mode.'],
  ['', 'missing_model', 'You must provide a model parameter.'],
])('a connection to "%s" is told why and closed', async (query, code, message) => {
  const turnedAway = await connectRealtime(harness.standin, query);
  expect(await turnedAway.next('error')).toMatchObject({ error: { type: 'invalid_request_error', code, message } });
  expect(await turnedAway.closed).toEqual({ code: 4000, reason: `invalid_request_error.${code}` });
});

test('closing the stand-in ends the sessions', async () => {
  await harness.standin.close();
  expect(await client.closed).toMatchObject({ code: 1006 });
});
