import { MULAW_SILENCE } from '../../services/line/mulaw.ts';
import { ENGLISH_CALL, systemPrompt, talk } from '../helpers/openai-conversations.ts';
import { connectRealtime, heardMulaw, type RealtimeClient, spokenMulaw } from '../helpers/openai-realtime.ts';
import { type Harness, openHarness } from '../helpers/openai-standin.ts';

const MULAW = { format: { type: 'audio/pcmu' } };
const VAD = { type: 'server_vad', prefix_padding_ms: 100, silence_duration_ms: 400 };
const TOOL = { type: 'function', name: 'save_record', parameters: { type: 'object', properties: {} } };
let harness: Harness;
let client: RealtimeClient;
beforeEach(async () => {
  harness = await openHarness();
  client = await connectRealtime(harness.standin, 'model=gpt-realtime-2.1-mini');
});
afterEach(() => harness.standin.close());

const settings = (more: object = {}, input: object = {}) => ({
  type: 'session.update',
  session: {
    type: 'realtime',
    instructions: systemPrompt('en'),
    audio: { input: { ...MULAW, turn_detection: VAD, ...input }, output: MULAW },
    ...more,
  },
});
const append = (audio: string) => ({ type: 'input_audio_buffer.append', audio });
const silence = (ms: number) => append(Buffer.alloc(ms * 8, MULAW_SILENCE).toString('base64'));

/** Says a line and hears the answer out. */
async function say(text: string): Promise<string> {
  const from = client.events.length;
  client.send(append(spokenMulaw(text, 600)));
  await client.next('response.done');
  return heardMulaw(client.events.slice(from));
}

test('a whole call is spoken both ways and gets the answers of the dialogue rules', async () => {
  client.send(settings({ tools: [TOOL] }));
  const { replies } = talk('en', ENGLISH_CALL);
  expect(await say(ENGLISH_CALL[0]!)).toBe(replies[0]);
  expect(await say(ENGLISH_CALL[1]!)).toBe(replies[1]);
  expect(await say("Yes, that's right.")).toBe('');
  const call = await client.next('response.function_call_arguments.done');
  expect(call).toMatchObject({ name: 'save_record', arguments: '{}', call_id: expect.stringMatching(/^call_/u) });
  const output = { type: 'function_call_output', call_id: call.call_id, output: '{"ok":true}' };
  const from = client.events.length;
  client.send({ type: 'conversation.item.create', item: output }, { type: 'response.create' });
  await client.next('response.done');
  expect(heardMulaw(client.events.slice(from))).toBe('It is noted, thank you and goodbye.');
});

test('speech is found by its energy, timed on the media clock, and committed as one item', async () => {
  client.send(settings({}, { transcription: { model: 'gpt-transcribe' } }));
  client.send(silence(1_000), append(spokenMulaw('Hello there')), silence(300), silence(300));
  const started = await client.next('input_audio_buffer.speech_started');
  const stopped = await client.next('input_audio_buffer.speech_stopped');
  const committed = await client.next('input_audio_buffer.committed');
  // 13 letters and marks of 40 ms each, from 1000 ms on; 100 ms of padding before, 400 ms of silence after.
  expect(started.audio_start_ms).toBe(900);
  expect(stopped.audio_end_ms).toBe(1_920);
  expect([stopped.item_id, committed.item_id]).toEqual([started.item_id, started.item_id]);
  expect(await client.next('conversation.item.input_audio_transcription.completed')).toMatchObject({
    item_id: started.item_id,
    transcript: 'Hello there',
  });
  client.send({ type: 'conversation.item.retrieve', item_id: started.item_id });
  expect(await client.next('conversation.item.retrieved')).toMatchObject({
    item: { role: 'user', content: [{ type: 'input_audio', transcript: 'Hello there' }] },
  });
  await client.next('response.done');
});

test('the usage counts what was heard and what was said as audio', async () => {
  client.send(settings(), append(spokenMulaw('Hello there', 600)));
  const { response } = (await client.next('response.done')) as unknown as {
    response: { usage: { input_token_details: object; output_token_details: object } };
  };
  // 520 ms of speech and 400 ms of silence, a token for each 100 ms.
  expect(response.usage.input_token_details).toMatchObject({ audio_tokens: 10 });
  expect(Object.values(response.usage.output_token_details).every((tokens) => tokens > 0)).toBe(true);
});

test('without create_response nothing is answered until it is asked for', async () => {
  client.send(settings({}, { turn_detection: { ...VAD, create_response: false } }));
  client.send(append(spokenMulaw('Hello there', 600)));
  await client.next('input_audio_buffer.committed');
  client.send({ type: 'session.update', session: { type: 'realtime' } });
  await client.next('session.updated');
  await client.next('session.updated');
  expect(client.events.some(({ type }) => type === 'response.created')).toBe(false);
  client.send({ type: 'response.create' });
  await client.next('response.done');
});

test('turn_detection null leaves the turns to the client', async () => {
  client.send(settings({}, { turn_detection: null }));
  client.send(append(spokenMulaw('Hello there', 600)), { type: 'input_audio_buffer.commit' });
  await client.next('input_audio_buffer.committed');
  client.send({ type: 'response.create' });
  await client.next('response.done');
  expect(client.events.some(({ type }) => type === 'input_audio_buffer.speech_started')).toBe(false);
  expect(heardMulaw(client.events)).toBe(talk('en', ['Hello there']).replies[0]);
});

test('a caller who speaks into an answer cuts it short, and is answered in turn', async () => {
  await harness.control({ route: 'realtime', fault: 'hang', next: 1, match: 'response' });
  client.send(settings(), append(spokenMulaw('Hello there', 600)));
  await client.next('response.created');
  client.send(append(spokenMulaw('My name is John Smith.', 600)));
  expect(await client.next('response.done')).toMatchObject({
    response: { status: 'cancelled', status_details: { type: 'cancelled', reason: 'turn_detected' } },
  });
  expect(await client.next('response.done')).toMatchObject({ response: { status: 'completed' } });
  expect(heardMulaw(client.events)).toBe(talk('en', ['Hello there', 'My name is John Smith.']).replies[1]);
});

test('without interrupt_response an answer goes on under the caller', async () => {
  await harness.control({ route: 'realtime', fault: 'hang', next: 1, match: 'response' });
  client.send(settings({}, { turn_detection: { ...VAD, interrupt_response: false } }));
  client.send(append(spokenMulaw('Hello there', 600)));
  await client.next('response.created');
  client.send(append(spokenMulaw('My name is John Smith.', 600)));
  expect(await client.next('error')).toMatchObject({ error: { code: 'conversation_already_has_active_response' } });
  expect(client.events.some(({ type }) => type === 'response.done')).toBe(false);
});

test('a truncated item holds only the words that were heard, and cannot grow', async () => {
  client.send(settings());
  const answer = await say('Hello there');
  const { item_id: item } = await client.next('response.output_audio.done');
  const truncate = (audioEndMs: number) => ({
    type: 'conversation.item.truncate',
    item_id: item,
    content_index: 0,
    audio_end_ms: audioEndMs,
  });
  client.send(truncate(60_000));
  expect(await client.next('error')).toMatchObject({ error: { code: 'invalid_value', param: 'audio_end_ms' } });
  client.send(truncate(240));
  expect(await client.next('conversation.item.truncated')).toMatchObject({ item_id: item, audio_end_ms: 240 });
  // Five letters after the opening mark: asked to say it again, the rules know no more than that.
  expect(await say('Could you repeat that?')).toBe(answer.slice(0, 5));
});

test('items can be added before others, looked up and deleted', async () => {
  client.send(settings());
  const item = (id: string, text: string) => ({
    id,
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text }],
  });
  const add = (id: string, text: string, after?: string) => ({
    type: 'conversation.item.create',
    item: item(id, text),
    previous_item_id: after,
  });
  client.send(add('b', 'My name is John Smith.'), add('a', 'Hello', 'root'), add('c', 'x', 'b'));
  const previous = [];
  for (const _ of 'bac') previous.push((await client.next('conversation.item.added')).previous_item_id);
  expect(previous).toEqual([null, null, 'b']);
  client.send({ type: 'conversation.item.delete', item_id: 'c' }, { type: 'conversation.item.retrieve', item_id: 'a' });
  expect(await client.next('conversation.item.deleted')).toMatchObject({ item_id: 'c' });
  expect(await client.next('conversation.item.retrieved')).toMatchObject({ item: item('a', 'Hello') });
  client.send({ type: 'conversation.item.retrieve', item_id: 'c' }, add('a', 'again'));
  expect(await client.next('error')).toMatchObject({ error: { code: 'item_not_found' } });
  expect(await client.next('error')).toMatchObject({ error: { code: 'item_already_exists' } });
  client.send({ type: 'response.create', response: { output_modalities: ['text'] } });
  expect(await client.next('response.output_text.done')).toMatchObject({
    text: talk('en', ['Hello', 'My name is John Smith.']).replies[1],
  });
});

test('retrieved text in a system item answers questions about the business', async () => {
  client.send(settings(), {
    type: 'conversation.item.create',
    item: {
      type: 'message',
      role: 'system',
      content: [{ type: 'input_text', text: 'Context:\nWe are open from 9 to 6.\nParking is free.' }],
    },
  });
  expect(await say('What are your opening hours?')).toBe('We are open from 9 to 6.');
});

test('a disconnected client leaves nothing behind that stops the next', async () => {
  await harness.control({ profile: 'healthy' });
  client.send(settings(), append(spokenMulaw('Hello there', 600)));
  await client.next('response.created');
  client.socket.terminate();
  await client.closed;
  await harness.control({ profile: 'instant' });
  client = await connectRealtime(harness.standin, 'model=gpt-realtime-2.1-mini');
  client.send(settings());
  expect(await say('Hello there')).toBe(talk('en', ['Hello there']).replies[0]);
});

test.each(['text', 'audio'])('a response in %s says no more than max_output_tokens', async (modality) => {
  client.send(settings({ output_modalities: [modality], max_output_tokens: 200 }));
  expect(await client.next('session.updated')).toMatchObject({ session: { max_output_tokens: 200 } });
  const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'one two three four five' }] }];
  const instructions = 'Say exactly what the user writes.';
  client.send({ type: 'response.create', response: { instructions, input, max_output_tokens: 4 } });
  const { response } = (await client.next('response.done')) as unknown as {
    response: { usage: { output_tokens: number } };
  };
  expect(response).toMatchObject({
    status: 'incomplete',
    status_details: { type: 'incomplete', reason: 'max_output_tokens' },
    max_output_tokens: 4,
  });
  expect(response.usage.output_tokens).toBeLessThanOrEqual(4);
  client.send({ type: 'response.create', response: { instructions, input } });
  expect(await client.next('response.done')).toMatchObject({ response: { status: 'completed' } });
});

test('a session says again what it was set to', async () => {
  const audio = { input: { noise_reduction: { type: 'near_field' } }, output: { speed: 1.2 } };
  client.send({ type: 'session.update', session: { type: 'realtime', audio, truncation: 'disabled' } });
  expect(await client.next('session.updated')).toMatchObject({ session: { audio, truncation: 'disabled' } });
});

test('the output of a call that was never made is refused', async () => {
  const item = { type: 'function_call_output', call_id: 'call_0', output: '{}' };
  client.send({ type: 'conversation.item.create', event_id: 'mine', item });
  expect(await client.next('error')).toMatchObject({
    error: {
      code: 'invalid_tool_call_id',
      message: "Tool call ID 'call_0' not found in conversation.",
      event_id: 'mine',
    },
  });
});

test.each([
  ['user', 'output_text', "'input_text', 'input_audio'"],
  ['assistant', 'input_text', "'output_text', 'output_audio'"],
  ['system', 'input_audio', "'input_text'"],
])('a message of the %s with %s is refused', async (role, type, allowed) => {
  client.send({
    type: 'conversation.item.create',
    item: { type: 'message', role, content: [{ type, text: 'x' }] },
  });
  expect(await client.next('error')).toMatchObject({
    error: { param: 'item.content[0].type', message: `Invalid value: '${type}'. Supported values are: ${allowed}.` },
  });
});
