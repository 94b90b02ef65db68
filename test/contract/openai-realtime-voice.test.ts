import { once } from 'node:events';
import { connect } from 'node:net';
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { type Clock, createClock } from '../../services/line/clock.ts';
import { demodulate } from '../../services/line/modem.ts';
import { resample } from '../../services/openai/domain/audio/resample.ts';
import { startStandin } from '../../services/openai/start.ts';
import { connectRealtime, heardMulaw, type RealtimeClient, type ServerEvent } from '../helpers/openai-realtime.ts';
import { type Harness, openHarness } from '../helpers/openai-standin.ts';

const WORDS = "C'est noté : mardi à dix heures. Merci et au revoir !";
const SAY = { conversation: 'none', output_modalities: ['audio'], instructions: `Say exactly this: ${WORDS}` };
let harness: Harness;
let client: RealtimeClient;
beforeEach(async () => {
  harness = await openHarness();
  client = await connectRealtime(harness.standin, 'model=gpt-realtime-2.1-mini');
  client.send({
    type: 'session.update',
    session: { type: 'realtime', audio: { output: { format: { type: 'audio/pcmu' } } } },
  });
});
afterEach(() => harness.standin.close());

const create = (response: object = SAY, more: object = {}) => ({ type: 'response.create', response, ...more });

/** The response as it ended, once it has. */
async function done(): Promise<Record<string, unknown>> {
  return (await client.next('response.done')).response as Record<string, unknown>;
}

const typesOf = (events: readonly ServerEvent[]) =>
  events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);

test('exactly the words are spoken in µ-law, with every event in its order and the usage at the end', async () => {
  client.send(create({ ...SAY, metadata: { sentence: '1' } }));
  const response = await done();
  expect(heardMulaw(client.events)).toBe(WORDS);
  const [, , ...events] = typesOf(client.events);
  expect(events.filter((type) => !type.endsWith('.delta'))).toEqual([
    'response.created',
    'rate_limits.updated',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_audio.done',
    'response.output_audio_transcript.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.done',
  ]);
  expect(events.slice(4, 6)).toEqual(['response.output_audio_transcript.delta', 'response.output_audio.delta']);
  expect(response).toMatchObject({
    status: 'completed',
    metadata: { sentence: '1' },
    conversation_id: null,
    output: [{ type: 'message', content: [{ type: 'output_audio', transcript: WORDS }] }],
    usage: { output_token_details: { text_tokens: expect.any(Number), audio_tokens: expect.any(Number) } },
  });
  const usage = response.usage as Record<string, number>;
  expect(usage.total_tokens).toBe(usage.input_tokens! + usage.output_tokens!);
  const { response_id: id, item_id: item } = await client.next('response.output_audio.delta');
  expect(client.events.filter(({ type }) => type.endsWith('.delta'))).toEqual(
    client.events
      .filter(({ type }) => type.endsWith('.delta'))
      .map(() => expect.objectContaining({ response_id: id, item_id: item, output_index: 0, content_index: 0 })),
  );
});

test('the client of the openai package gets the same audio', async () => {
  const port = Number(new URL(harness.standin.url).port);
  const openai = new OpenAI({ baseURL: `${harness.standin.url}/v1`, apiKey: 'any' });
  const options = { createConnection: () => connect(port, '127.0.0.1') };
  const realtime = new OpenAIRealtimeWS({ model: 'gpt-realtime-2.1-mini', options }, openai);
  const deltas: string[] = [];
  realtime.on('response.output_audio.delta', ({ delta }) => deltas.push(delta));
  const ended = new Promise((resolve, reject) => {
    realtime.on('error', reject);
    realtime.on('response.done', resolve);
  });
  await new Promise((resolve) => realtime.socket.once('open', resolve));
  const audio = { output: { format: { type: 'audio/pcmu' } } } as const;
  realtime.send({
    type: 'response.create',
    response: { conversation: 'none', output_modalities: ['audio'], instructions: SAY.instructions, audio },
  });
  await ended;
  expect(heardMulaw(deltas.map((delta) => ({ type: 'response.output_audio.delta', delta })))).toBe(WORDS);
  realtime.close();
});

test.each([
  [
    'text of its own input',
    { ...SAY, instructions: 'Read the text aloud, word for word. Language: French', input: [user()] },
  ],
  ['quoted words', { ...SAY, instructions: `Dis exactement ceci : « ${WORDS} »` }],
])('the words may be %s', async (_name, response) => {
  client.send(create(response));
  await done();
  expect(heardMulaw(client.events)).toBe(WORDS);
});

function user(text = WORDS) {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

test('a session that is told to read aloud speaks each item that it is given', async () => {
  const instructions = 'You are a voice. Read what the user writes aloud, word for word. Never answer.';
  client.send({ type: 'session.update', session: { type: 'realtime', instructions } });
  for (const text of ['How can I help you?', 'On what day?']) {
    const from = client.events.length;
    client.send({ type: 'conversation.item.create', item: user(text) }, { type: 'response.create' });
    await done();
    expect(heardMulaw(client.events.slice(from))).toBe(text);
  }
});

test('audio/pcm is 24 kHz', async () => {
  client.send(create({ ...SAY, audio: { output: { format: { type: 'audio/pcm', rate: 24_000 } } } }));
  await done();
  const deltas = client.events.filter(({ type }) => type === 'response.output_audio.delta');
  const bytes = Buffer.concat(deltas.map(({ delta }) => Buffer.from(String(delta), 'base64')));
  const samples = new Int16Array(new Uint8Array(bytes).buffer);
  expect(demodulate(resample(samples, 24_000, 8_000), { voice: 'agent' }).text).toBe(WORDS);
});

test('responses beside the conversation run at the same time, those of the conversation one by one', async () => {
  await harness.control({ route: 'realtime', fault: 'hang', next: 2 });
  client.send(create({}, { event_id: 'mine_1' }), create(), create({}, { event_id: 'mine_2' }));
  expect(await client.next('error')).toMatchObject({
    error: { code: 'conversation_already_has_active_response', event_id: 'mine_2' },
  });
  expect(client.events.filter(({ type }) => type === 'response.created')).toHaveLength(2);
});

test('a cancelled response ends with what it has said; a second cancel is an error', async () => {
  await harness.control({ route: 'realtime', fault: 'hang', next: 1 });
  client.send(create());
  const { response } = (await client.next('response.created')) as unknown as { response: { id: string } };
  client.send({ type: 'response.cancel', response_id: response.id }, { type: 'response.cancel', event_id: 'mine_1' });
  expect(await done()).toMatchObject({
    id: response.id,
    status: 'cancelled',
    status_details: { type: 'cancelled', reason: 'client_cancelled' },
    output: [],
  });
  expect(await client.next('error')).toMatchObject({
    error: { code: 'response_cancel_not_active', event_id: 'mine_1' },
  });
});

test('cancelling in the middle of speech closes every part and keeps what was sent', async () => {
  await harness.control({ profile: 'healthy' });
  client.send(create({ ...SAY, conversation: 'auto' }));
  await client.next('response.output_audio.delta');
  client.send({ type: 'response.cancel' });
  const response = await done();
  const transcript = client.events
    .filter(({ type }) => type === 'response.output_audio_transcript.delta')
    .map(({ delta }) => delta)
    .join('');
  expect(WORDS.startsWith(transcript)).toBe(true);
  expect(response).toMatchObject({
    status: 'cancelled',
    output: [{ status: 'incomplete', content: [{ transcript }] }],
  });
  expect(typesOf(client.events).slice(-6)).toEqual([
    'response.output_audio.done',
    'response.output_audio_transcript.done',
    'response.content_part.done',
    'response.output_item.done',
    'conversation.item.done',
    'response.done',
  ]);
  client.send(create());
  expect(await done()).toMatchObject({ status: 'completed' });
});

test('rate_limit is an error event without a response, nonsense a response without the words', async () => {
  await harness.control({ route: 'realtime', fault: 'rate_limit', next: 1 });
  client.send(create(SAY, { event_id: 'mine_1' }));
  expect(await client.next('error')).toMatchObject({
    error: { type: 'requests', code: 'rate_limit_exceeded', event_id: 'mine_1' },
  });
  await harness.control({ route: 'realtime', fault: 'nonsense', next: 1, match: 'response' });
  client.send(create());
  expect(await done()).toMatchObject({ status: 'completed' });
  expect(client.events.filter(({ type }) => type === 'response.created')).toHaveLength(1);
  const said = heardMulaw(client.events);
  expect(said).not.toBe('');
  expect(said).not.toBe(WORDS);
});

test.each([1011, 1006])('close ends the session with %i in the middle of the audio', async (code) => {
  await harness.control({ route: 'realtime', fault: 'close', code });
  client.send(create());
  expect(await client.closed).toMatchObject({ code });
  const types = client.events.map(({ type }) => type);
  expect(types).toContain('response.output_audio.delta');
  expect(types).not.toContain('response.output_audio.done');
});

test('a response that is refused for itself uses no fault up', async () => {
  await harness.control({ route: 'realtime', fault: 'nonsense', next: 1 });
  client.send(create({ ...SAY, input: [{ type: 'item_reference', id: 'item_0' }] }));
  expect(await client.next('error')).toMatchObject({
    error: { code: 'item_not_found', param: 'response.input[0].id' },
  });
  client.send(create());
  await done();
  expect(heardMulaw(client.events)).not.toBe(WORDS);
});

test('a client that goes away ends the work that was done for it', async () => {
  const waiting = Promise.withResolvers<AbortSignal>();
  const clock: Clock = {
    ...createClock(),
    delay(_delayMs, signal) {
      if (signal) waiting.resolve(signal);
      return new Promise(() => undefined);
    },
  };
  const standin = await startStandin({ port: 0, seed: 1, profile: 'healthy', speed: 1 }, { clock });
  const visitor = await connectRealtime(standin, 'model=gpt-realtime-2.1-mini');
  visitor.send(create());
  const signal = await waiting.promise;
  expect(signal.aborted).toBe(false);
  const aborted = once(signal, 'abort');
  visitor.socket.terminate();
  await aborted;
  await standin.close();
});
