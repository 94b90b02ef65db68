import { once } from 'node:events';
import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { WebSocket } from 'ws';
import { type CallTrace, traceRealtimeSocket } from '../../../otel/src/index.ts';
import { openRealtimeStage, type RealtimeStage } from '../../helpers/realtime-line.ts';
import type { SpanRecorder } from '../../helpers/recorded-spans.ts';

let stage: RealtimeStage;
let recorder: SpanRecorder;
let call: CallTrace;
beforeEach(async () => {
  stage = await openRealtimeStage();
  ({ recorder, call } = stage);
});
afterEach(() => stage.close());

const connect: RealtimeStage['connect'] = (...parameters) => stage.connect(...parameters);

const PCMU = { format: { type: 'audio/pcmu' } };
const commit = () => ({ type: 'input_audio_buffer.commit' });
const committed = (itemId: string) => ({ type: 'input_audio_buffer.committed', item_id: itemId });
const completed = (itemId: string) => ({
  type: 'conversation.item.input_audio_transcription.completed',
  item_id: itemId,
});
const SPEAKER = { model: 'gpt-realtime-2.1-mini', audio: { output: { ...PCMU, voice: 'marin' } } };
const audioDelta = (id: string, ms: number) => ({
  type: 'response.output_audio.delta',
  event_id: 'e',
  response_id: id,
  delta: Buffer.alloc(ms * 8).toString('base64'),
});
const done = (id: string, status: string, fields: object = {}) => ({
  type: 'response.done',
  response: { id, status, ...fields },
});
const made = (id: string) => ({ type: 'response.created', response: { id, status: 'in_progress' } });
const USAGE = {
  input_tokens: 100,
  output_tokens: 60,
  input_token_details: {
    text_tokens: 70,
    audio_tokens: 30,
    cached_tokens: 20,
    cached_tokens_details: { audio_tokens: 10 },
  },
  output_token_details: { text_tokens: 20, audio_tokens: 40 },
};

test('a spoken response lasts from its request until it is done, its first output is its first audio', async () => {
  const line = await connect({ purpose: 'speech' }, '?model=gpt-realtime-2.1-mini');
  await line.say({ type: 'session.created', session: SPEAKER });
  line.send({ type: 'response.create', response: {} });
  await line.say(made('r1'), { type: 'response.output_audio_transcript.delta', response_id: 'r1', delta: 'Bon' });
  expect(recorder.open()).toContain('text_to_speech gpt-realtime-2.1-mini');
  await line.say(audioDelta('r1', 120), audioDelta('r1', 80), done('r1', 'completed', { usage: USAGE }));
  const span = recorder.named('text_to_speech gpt-realtime-2.1-mini');
  expect(span.attributes).toMatchObject({
    'voice.stage': 'synthesis',
    'gen_ai.speech.voice': 'marin',
    'voice.tts.audio_ms': 200,
    'gen_ai.usage.input_tokens': 100,
    'gen_ai.usage.output_tokens': 60,
    'gen_ai.usage.cache_read.input_tokens': 20,
    'gen_ai.response.finish_reasons': ['completed'],
    // 60 x 0.6 + 10 x 0.06 text, 20 x 10 + 10 x 0.3 audio, 20 x 2.4 + 40 x 20 out, per million
    'voice.cost.usd': 0.0010876,
  });
  expect(span.events.map(({ name }) => name)).toEqual(['gen_ai.first_chunk']);
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
});

test('a conversation answers as chat, also when the provider begins by itself; being interrupted is no error', async () => {
  const line = await connect({}, '?model=gpt-realtime-2.1');
  await line.say(made('r1'), audioDelta('r1', 20));
  await line.say(
    done('r1', 'cancelled', { status_details: { type: 'cancelled', reason: 'turn_detected' }, usage: USAGE }),
  );
  const { attributes, status } = recorder.named('chat gpt-realtime-2.1');
  expect(attributes).toMatchObject({
    'voice.stage': 'reply',
    'error.type': 'cancelled',
    'gen_ai.response.finish_reasons': ['turn_detected'],
  });
  expect(status.code).toBe(SpanStatusCode.UNSET);
});

test('a response that failed, was refused or ended early says how', async () => {
  const line = await connect({}, '?model=m');
  const create = { type: 'response.create' };
  for (const eventId of ['a', 'b', 'c']) line.send({ ...create, event_id: eventId });
  const failure = { error: { code: 'rate_limit_exceeded' }, type: 'failed' };
  await line.say(
    { type: 'error', error: { type: 'invalid_request_error', event_id: 'b' } },
    made('r1'),
    done('r1', 'failed', { status_details: failure }),
    made('r2'),
    done('r2', 'incomplete', { status_details: { type: 'incomplete', reason: 'max_output_tokens' } }),
  );
  expect(
    recorder.spans().map(({ attributes }) => [attributes['error.type'], attributes['gen_ai.response.finish_reasons']]),
  ).toEqual([
    ['model', undefined],
    ['rate_limit', ['failed']],
    [undefined, ['max_output_tokens']],
  ]);
});

test('in a wrapped model call no second span is made: first output and facts stand on the wrapper', async () => {
  const line = await connect({ purpose: 'speech' }, '?model=gpt-realtime-2.1-mini');
  let stale = context.active();
  await call.runModel({ name: 'mine', stage: 'synthesis' }, undefined, async () => {
    stale = context.active();
    line.send({ type: 'response.create' });
    await line.say(made('r1'), audioDelta('r1', 20), done('r1', 'completed', { usage: USAGE }));
  });
  expect(recorder.spans().map(({ name }) => name)).toEqual(['mine']);
  expect(recorder.named('mine').attributes).toMatchObject({
    'gen_ai.operation.name': 'text_to_speech',
    'gen_ai.request.model': 'gpt-realtime-2.1-mini',
    'gen_ai.usage.output_tokens': 60,
    'gen_ai.response.time_to_first_chunk': expect.any(Number),
    'voice.cost.usd': expect.any(Number),
  });
  context.with(stale, () => line.send({ type: 'response.create' }));
  await line.say(made('r2'), done('r2', 'completed'));
  expect(recorder.spans().map(({ name }) => name)).toEqual(['mine', 'text_to_speech gpt-realtime-2.1-mini']);
});

test('a socket that breaks fails what was going on with its code, one that is closed on purpose does not', async () => {
  const broken = await connect({ purpose: 'transcription' });
  broken.send(commit());
  const gone = once(broken.client, 'close');
  broken.server.terminate();
  await gone;
  const meant = await connect({ purpose: 'speech' }, '?model=m');
  meant.send({ type: 'response.create' });
  const closed = once(meant.client, 'close');
  meant.client.close(1000);
  await closed;
  expect(
    recorder.spans().map(({ attributes }) => [attributes['error.type'], attributes['voice.media.close_code']]),
  ).toEqual([
    ['websocket', 1006],
    ['cancelled', 1000],
  ]);
});

test('reconnects are counted for each purpose, sockets side by side are none', async () => {
  const lines = [
    await connect({ purpose: 'transcription' }),
    await connect({ purpose: 'transcription' }),
    await connect({ purpose: 'speech' }),
  ];
  const gone = lines.map(({ client }) => once(client, 'close'));
  for (const { server } of lines) server.terminate();
  await Promise.all(gone);
  const line = await connect({ purpose: 'transcription' });
  line.send(commit());
  await line.say(committed('one'), completed('one'));
  expect(recorder.named('speech_to_text').attributes['voice.stt.reconnects']).toBe(1);
});

test('messages pass unaltered, whatever they are, and listeners run in the context of the call', async () => {
  const line = await connect();
  const seen: unknown[] = [];
  let ran: unknown;
  line.client.on('message', (data, isBinary) => {
    seen.push(isBinary ? [...(data as Buffer)] : String(data));
    ran = context.active();
  });
  const texts = ['{"type":', '{"type":"response.done","response":7}', '[]', '"x"', '{"type":"error","error":null}'];
  for (const text of texts) line.client.send(text);
  const written = new Promise((resolve) => line.client.send(Buffer.from([1, 2, 3]), { binary: true }, resolve));
  await written;
  for (const text of texts) {
    const arrived = once(line.client, 'message');
    line.server.send(text);
    await arrived;
  }
  const arrived = once(line.client, 'message');
  line.server.send(Buffer.from([0, 255]));
  await arrived;
  expect(seen).toEqual([...texts, [0, 255]]);
  expect(ran).toBe(call.context);
  while (line.heard.length < 6) await new Promise((resolve) => setImmediate(resolve));
  expect(line.heard.slice(0, 5)).toEqual(texts);
  expect(recorder.spans()).toHaveLength(0);
});

test('a socket of no call makes traces of its own; a call that ends ends what is open on its socket', async () => {
  const client = new WebSocket(`${stage.url}?model=m`);
  await once(client, 'open');
  traceRealtimeSocket(stage.callspan, undefined, client, { provider: 'openai' });
  client.send('{"type":"response.create"}');
  client.close(1000);
  await once(client, 'close');
  expect(recorder.named('chat m').attributes['gen_ai.conversation.id']).toBeUndefined();
  const line = await connect({ purpose: 'transcription' });
  line.send(commit());
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  expect(recorder.named('speech_to_text').attributes['error.type']).toBe('cancelled');
});

test('a socket that is traced twice has each response once, as the last one told', async () => {
  const client = new WebSocket(`${stage.url}?model=m`);
  await once(client, 'open');
  traceRealtimeSocket(stage.callspan, undefined, client, { provider: 'guessed' });
  traceRealtimeSocket(stage.callspan, undefined, client, { provider: 'openai' });
  client.send('{"type":"response.create"}');
  client.close(1000);
  await once(client, 'close');
  expect(recorder.named('chat m').attributes['gen_ai.provider.name']).toBe('openai');
});

test('an error that names no event fails the oldest response only when it can be about making one', async () => {
  const line = await connect({}, '?model=m');
  line.send({ type: 'response.cancel' });
  for (let asked = 0; asked < 2; asked += 1) line.send({ type: 'response.create' });
  const refused = (code: string) => ({ type: 'error', error: { type: 'invalid_request_error', code, event_id: null } });
  await line.say(refused('response_cancel_not_active'), made('r1'), done('r1', 'completed', { usage: USAGE }));
  await line.say(refused('conversation_already_has_active_response'));
  expect(recorder.spans().map(({ attributes }) => attributes['error.type'])).toEqual([undefined, 'model']);
});

test('a refusal that names nothing costs one response, not the place of all that come after it', async () => {
  const line = await connect({}, '?model=m');
  const create = { type: 'response.create' };
  const refused = (code: string) => ({ type: 'error', error: { type: 'invalid_request_error', code, event_id: null } });
  line.send(create);
  await line.say(refused('invalid_value'));
  line.send(create);
  expect(recorder.spans().map(({ attributes }) => attributes['error.type'])).toEqual(['model']);
  await line.say(made('r1'), done('r1', 'completed', { usage: USAGE }));
  expect(recorder.spans().map(({ attributes }) => attributes['error.type'])).toEqual(['model', undefined]);
  expect(recorder.open()).not.toContain('chat m');
});

test('an error about something else, and one that the provider got over, cost no response', async () => {
  const line = await connect({}, '?model=m');
  const create = { type: 'response.create' };
  const refused = (error: object) => ({ type: 'error', error: { type: 'invalid_request_error', ...error } });
  line.send(create);
  await line.say(refused({ code: 'response_cancel_not_active' }), refused({ code: 'x', param: 'session.voice' }));
  await line.say(refused({ code: 'x', event_id: 'of another event' }));
  line.send(create);
  await line.say(made('r1'), made('r2'), done('r1', 'completed'), done('r2', 'completed'));
  line.send(create);
  await line.say(refused({ code: 'invalid_value' }), made('r3'), done('r3', 'completed'));
  expect(recorder.spans().map(({ attributes }) => attributes['error.type'])).toEqual([undefined, undefined, undefined]);
});

test('the usage of two responses within one wrapped model call is summed', async () => {
  const line = await connect({ purpose: 'speech' }, '?model=gpt-realtime-2.1-mini');
  await call.runModel({ name: 'mine', stage: 'synthesis' }, undefined, async () => {
    for (const id of ['r1', 'r2']) {
      line.send({ type: 'response.create' });
      await line.say(made(id), done(id, 'completed', { usage: USAGE }));
    }
  });
  expect(recorder.named('mine').attributes).toMatchObject({
    'gen_ai.usage.input_tokens': 200,
    'voice.cost.usd': 0.0021752,
  });
});

test('what is asked in a context older than the call belongs to the call, where its socket knows of it', async () => {
  const line = await connect({}, '?model=m');
  const contextOf = () => call.context;
  traceRealtimeSocket(stage.callspan, undefined, line.client, { provider: 'openai', contextOf });
  context.with(ROOT_CONTEXT, () => line.send({ type: 'response.create' }));
  const turn = call.startTurn(1);
  context.with(turn.context, () => line.send({ type: 'response.create' }));
  await line.say(made('r1'), done('r1', 'completed'), made('r2'), done('r2', 'completed'));
  const parents = recorder.spans().map(({ parentSpanContext: parent }) => parent?.spanId);
  expect(parents).toEqual([call, turn].map((part) => trace.getSpanContext(part.context)?.spanId));
});
