import { connect as connectPlain } from 'node:net';
import { context } from '@opentelemetry/api';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { type CallTrace, createCallspan, type RealtimePurpose, traceRealtimeSocket } from '../../otel/src/index.ts';
import { systemPrompt } from '../helpers/openai-conversations.ts';
import { spokenMulaw } from '../helpers/openai-realtime.ts';
import { type Harness, openHarness } from '../helpers/openai-standin.ts';
import { type SpanRecorder, startSpanRecorder } from '../helpers/recorded-spans.ts';

/** The Realtime client of the openai package as it is, against the stand-in. */
let recorder: SpanRecorder;
let harness: Harness;
let call: CallTrace;
let client: OpenAIRealtimeWS;
beforeEach(async () => {
  recorder = startSpanRecorder();
  harness = await openHarness();
});
afterEach(async () => {
  client.close();
  await harness.standin.close();
  await recorder.close();
});

const MULAW = { format: { type: 'audio/pcmu' as const } };

async function connect(purpose: RealtimePurpose): Promise<void> {
  const callspan = createCallspan({ tracer: recorder.tracer });
  call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  call.startTurn(1);
  const session =
    purpose === 'transcription' ? { intent: 'transcription' as const } : { model: 'gpt-realtime-2.1-mini' };
  // The package speaks TLS only; the stand-in is reached in plain.
  const port = Number(new URL(harness.standin.url).port);
  const options = { createConnection: () => connectPlain(port, '127.0.0.1') };
  client = new OpenAIRealtimeWS({ ...session, options }, harness.client);
  traceRealtimeSocket(callspan, call, client.socket, { provider: 'openai', purpose });
  await new Promise((resolve, reject) => {
    client.on('error', reject);
    client.socket.once('open', resolve);
  });
}

const received = (type: Parameters<OpenAIRealtimeWS['on']>[0]) =>
  new Promise<void>((resolve) => client.on(type, () => resolve()));

test('an utterance that is streamed and committed is one transcription of the turn that committed it', async () => {
  await connect('transcription');
  client.send({
    type: 'session.update',
    session: {
      type: 'transcription',
      audio: {
        input: { ...MULAW, turn_detection: null, transcription: { model: 'gpt-live-transcribe', language: 'en' } },
      },
    },
  });
  const audio = spokenMulaw('Hello there');
  const final = received('conversation.item.input_audio_transcription.completed');
  client.send({ type: 'input_audio_buffer.append', audio });
  context.with(call.contextOf(1), () => client.send({ type: 'input_audio_buffer.commit' }));
  await final;
  const { attributes } = recorder.named('speech_to_text gpt-live-transcribe');
  expect(attributes).toMatchObject({
    'voice.stage': 'transcription',
    'voice.turn.index': 1,
    'gen_ai.provider.name': 'openai',
    'gen_ai.speech.input.language': 'en',
    'voice.stt.audio_ms': Buffer.from(audio, 'base64').length / 8,
    'voice.stt.interim_count': expect.any(Number),
    'voice.cost.usd': expect.any(Number),
  });
  expect(attributes['error.type']).toBeUndefined();
});

test('a conversation by the ear of the provider leaves a transcription and an answer, with their usage', async () => {
  await connect('conversation');
  client.send({
    type: 'session.update',
    session: {
      type: 'realtime',
      instructions: systemPrompt('en'),
      audio: {
        input: {
          ...MULAW,
          turn_detection: { type: 'server_vad', silence_duration_ms: 400 },
          transcription: { model: 'gpt-transcribe' },
        },
        output: MULAW,
      },
    },
  });
  const over = Promise.all([
    received('response.done'),
    received('conversation.item.input_audio_transcription.completed'),
  ]);
  client.send({ type: 'input_audio_buffer.append', audio: spokenMulaw('Hello there', 600) });
  await over;
  const answer = recorder.named('chat gpt-realtime-2.1-mini').attributes;
  expect(answer).toMatchObject({
    'voice.stage': 'reply',
    'gen_ai.response.finish_reasons': ['completed'],
    'gen_ai.usage.input_tokens': expect.any(Number),
    'gen_ai.response.time_to_first_chunk': expect.any(Number),
    'voice.cost.usd': expect.any(Number),
  });
  expect(answer['voice.tts.audio_ms']).toBeGreaterThan(500);
  expect(recorder.named('speech_to_text gpt-transcribe').attributes['voice.stt.audio_ms']).toBeGreaterThan(500);
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  expect(recorder.open()).toEqual([]);
});

test('in the context of a wrapped port no second span is made', async () => {
  await connect('transcription');
  const audio = spokenMulaw('Hello there');
  const input = { ...MULAW, turn_detection: null, transcription: { model: 'gpt-transcribe' } };
  client.send({ type: 'session.update', session: { type: 'transcription', audio: { input } } });
  await call.runModel({ name: 'my ears', stage: 'transcription' }, 1, async () => {
    const final = received('conversation.item.input_audio_transcription.completed');
    client.send({ type: 'input_audio_buffer.append', audio });
    client.send({ type: 'input_audio_buffer.commit' });
    await final;
  });
  expect(recorder.spans().map(({ name }) => name)).toEqual(['my ears']);
  expect(recorder.named('my ears').attributes).toMatchObject({
    'gen_ai.operation.name': 'speech_to_text',
    'gen_ai.request.model': 'gpt-transcribe',
    'voice.stt.audio_ms': Buffer.from(audio, 'base64').length / 8,
    'voice.cost.usd': expect.any(Number),
  });
});
