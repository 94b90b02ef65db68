import { createRealtimeSynthesizer } from '../../services/bot/adapters/openai-realtime/speech-synthesizer.ts';
import { createClock } from '../../services/line/clock.ts';
import { demodulate } from '../../services/line/modem.ts';
import { decodeMulaw } from '../../services/line/mulaw.ts';
import { createFakeClock } from '../helpers/fake-clock.ts';
import { openHarness } from '../helpers/openai-standin.ts';
import {
  type ClientEvent,
  type Heard,
  type ScriptedRealtime,
  startScriptedRealtime,
} from '../helpers/scripted-realtime.ts';

const never = new AbortController().signal;
let server: ScriptedRealtime;
let voice: ReturnType<typeof createRealtimeSynthesizer>;
beforeEach(async () => {
  server = await startScriptedRealtime();
  voice = create(server.baseUrl);
});
afterEach(async () => {
  voice.close();
  await server.close();
});

function create(baseUrl: string, clock = createClock()) {
  return createRealtimeSynthesizer({ baseUrl, apiKey: 'key', model: 'gpt-realtime-2.1-mini', voice: 'alloy', clock });
}

function speak(text: string, { signal = never, callSid = 'CA1', by = voice } = {}) {
  const request = { turn: { callSid, turnIndex: 1 }, text, language: 'fr' as const, signal };
  return by.port.speak(request)[Symbol.asyncIterator]();
}
type Speech = ReturnType<typeof speak>;

async function rest(speech: Speech): Promise<number[]> {
  const bytes: number[] = [];
  for (;;) {
    const { done, value } = await speech.next();
    if (done) return bytes;
    bytes.push(...value);
  }
}

const failureOf = (speech: Speech) => rest(speech).then(String, (error: { code: string }) => error.code);

type Asked = { response: { metadata: Record<string, string>; [key: string]: unknown } };
const asked = (heard: Heard) => heard.next('response.create') as Promise<ClientEvent & Asked>;
const created = (id: string, { response }: Asked) => ({
  type: 'response.created',
  response: { id, metadata: response.metadata },
});
const delta = (id: string, ...bytes: number[]) => ({
  type: 'response.output_audio.delta',
  response_id: id,
  delta: Buffer.from(bytes).toString('base64'),
});
const done = (id: string, status = 'completed', details: object | null = null) => ({
  type: 'response.done',
  response: { id, status, status_details: details },
});

test('the words are asked for verbatim, outside any conversation, and heard as they come', async () => {
  const speech = speak('Très bien.');
  const first = speech.next();
  const heard = await server.connection(0);
  expect(heard.path).toBe('/v1/realtime?model=gpt-realtime-2.1-mini');
  const request = await asked(heard);
  expect(heard.events[0]).toMatchObject({
    session: { type: 'realtime', audio: { output: { format: { type: 'audio/pcmu' }, voice: 'alloy' } } },
  });
  expect(request.response).toMatchObject({
    conversation: 'none',
    output_modalities: ['audio'],
    instructions: expect.stringContaining('word for word'),
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Très bien.' }] }],
  });
  heard.say(created('r1', request), delta('r1', 1, 2));
  // The first piece is there while the server has not said the rest.
  expect([...(await first).value]).toEqual([1, 2]);
  heard.say(delta('r1', 3), done('r1'));
  expect(await rest(speech)).toEqual([3]);
});

test('sentences of a call share a socket and keep their audio apart', async () => {
  const speeches = [speak('un'), speak('deux')];
  const audio = speeches.map(rest);
  const heard = await server.connection(0);
  const requests = [await asked(heard), await asked(heard)];
  heard.say(created('r2', requests[1]!), created('r1', requests[0]!), delta('r2', 2), delta('r1', 1));
  heard.say(done('r1'), done('r2'));
  expect(await Promise.all(audio)).toEqual([[1], [2]]);
  expect(server.count()).toBe(1);
});

test('a server that forgets the metadata is followed in the order of the requests', async () => {
  const audio = rest(speak('un'));
  const heard = await server.connection(0);
  await asked(heard);
  heard.say({ type: 'response.created', response: { id: 'r1' } }, delta('r1', 9), done('r1'));
  expect(await audio).toEqual([9]);
});

test('a caller who interrupts stops the response, and none of it is heard in the next', async () => {
  const stop = new AbortController();
  const speech = speak('long', { signal: stop.signal });
  const first = speech.next();
  const heard = await server.connection(0);
  heard.say(created('r1', await asked(heard)), delta('r1', 1));
  await first;
  stop.abort();
  expect(await failureOf(speech)).toBe('cancelled');
  expect(await heard.next('response.cancel')).toMatchObject({ response_id: 'r1' });
  const next = rest(speak('court'));
  const request = await asked(heard);
  const notActive = { type: 'error', error: { code: 'response_cancel_not_active', event_id: null } };
  heard.say(notActive, delta('r1', 1, 1), done('r1', 'cancelled'), created('r2', request), delta('r2', 2), done('r2'));
  expect(await next).toEqual([2]);
  expect(server.count()).toBe(1);
});

test('an interruption before the server has begun cancels the response once it begins', async () => {
  const stop = new AbortController();
  const failure = failureOf(speak('long', { signal: stop.signal }));
  const heard = await server.connection(0);
  const request = await asked(heard);
  stop.abort();
  expect(await failure).toBe('cancelled');
  heard.say(created('r1', request));
  expect(await heard.next('response.cancel')).toMatchObject({ response_id: 'r1' });
});

test('a consumer that stops listening stops the response', async () => {
  const speech = speak('long');
  const first = speech.next();
  const heard = await server.connection(0);
  heard.say(created('r1', await asked(heard)), delta('r1', 1));
  await first;
  await speech.return?.();
  expect(await heard.next('response.cancel')).toMatchObject({ response_id: 'r1' });
});

test('what was stopped before it began asks nobody', async () => {
  const stop = AbortSignal.abort();
  expect(await failureOf(speak('rien', { signal: stop }))).toBe('cancelled');
  expect((await server.connection(0)).events.filter(({ type }) => type === 'response.create')).toEqual([]);
});

test.each([
  ['failed by a limit', 'rate_limit', done('r1', 'failed', { type: 'failed', error: { code: 'rate_limit_exceeded' } })],
  ['failed', 'api', done('r1', 'failed', { type: 'failed', error: { type: 'server_error' } })],
  ['cut off', 'model', done('r1', 'incomplete', { type: 'incomplete', reason: 'content_filter' })],
  ['silent', 'api', done('r1')],
  ['without a body', 'parsing', { type: 'response.done' }],
])('a response that is %s fails as "%s"', async (_what, code, event) => {
  const failure = failureOf(speak('un'));
  const heard = await server.connection(0);
  heard.say(created('r1', await asked(heard)), event);
  expect(await failure).toBe(code);
});

test('an error event fails the request that it names, and no other', async () => {
  const failure = failureOf(speak('un'));
  const audio = rest(speak('deux'));
  const heard = await server.connection(0);
  const first = await asked(heard);
  const second = await asked(heard);
  heard.say({ type: 'error', error: { code: 'rate_limit_exceeded', event_id: first.event_id } });
  heard.say(created('r2', second), delta('r2', 2), done('r2'));
  expect(await failure).toBe('rate_limit');
  expect(await audio).toEqual([2]);
});

test('a socket that breaks half-way fails the sentence, and the next one has a new socket', async () => {
  const speech = speak('un');
  const first = speech.next();
  const heard = await server.connection(0);
  heard.say(created('r1', await asked(heard)), delta('r1', 1));
  await first;
  heard.socket.terminate();
  expect(await failureOf(speech)).toBe('websocket');
  const audio = rest(speak('deux'));
  const again = await server.connection(1);
  again.say(created('r1', await asked(again)), delta('r1', 2), done('r1'));
  expect(await audio).toEqual([2]);
});

test('audio that never comes is given up, and its socket with it', async () => {
  const clock = createFakeClock();
  const patient = create(server.baseUrl, clock);
  const failure = failureOf(speak('un', { by: patient }));
  const heard = await server.connection(0);
  heard.say(created('r1', await asked(heard)));
  await clock.advance(2500);
  expect(await failure).toBe('timeout');
  await heard.closed;
  patient.close();
});

test('the stand-in says exactly the words, question or not', async () => {
  const harness = await openHarness();
  const real = create(`${harness.standin.url}/v1`);
  for (const text of ['Quel jour vous conviendrait ?', "C'est noté, merci. Au revoir."]) {
    const audio = Uint8Array.from(await rest(speak(text, { by: real })));
    expect(demodulate(decodeMulaw(audio), { voice: 'agent' }).text).toBe(text);
  }
  real.close();
  await harness.standin.close();
});
