import { context } from '@opentelemetry/api';
import type { CallTrace } from '../../../otel/src/index.ts';
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
const listening = {
  type: 'session.update',
  session: { audio: { input: { ...PCMU, transcription: { model: 'gpt-live-transcribe', language: 'fr' } } } },
};
const append = (ms: number) => ({ type: 'input_audio_buffer.append', audio: Buffer.alloc(ms * 8).toString('base64') });
const commit = (eventId?: string) => ({ type: 'input_audio_buffer.commit', ...(eventId ? { event_id: eventId } : {}) });
const committed = (itemId: string) => ({ type: 'input_audio_buffer.committed', item_id: itemId });
const transcript = (kind: string, itemId: string, fields: object = {}) => ({
  type: `conversation.item.input_audio_transcription.${kind}`,
  item_id: itemId,
  ...fields,
});
const transcripts = () => recorder.spans().filter((span) => span.name.startsWith('speech_to_text'));

test('a transcription lasts from its commit to its final transcript, found by its item: finals may overtake', async () => {
  const line = await connect({ purpose: 'transcription' });
  const turn = call.startTurn(1);
  line.send(listening);
  line.send(append(400));
  line.send(append(200));
  context.with(turn.context, () => line.send(commit()));
  line.send(append(1000));
  line.send(commit());
  await line.say(
    committed('one'),
    committed('two'),
    transcript('delta', 'one', { delta: 'Bon' }),
    transcript('delta', 'one', { delta: 'jour' }),
    transcript('completed', 'two', { transcript: 'oui', usage: { type: 'duration', seconds: 1 } }),
    transcript('completed', 'one', { transcript: 'Bonjour', usage: { type: 'duration', seconds: 0.6 } }),
  );
  const [second, first] = transcripts();
  expect(first?.name).toBe('speech_to_text gpt-live-transcribe');
  expect([first, second].map((span) => span?.attributes['error.type'])).toEqual([undefined, undefined]);
  expect(first?.attributes).toMatchObject({
    'voice.stage': 'transcription',
    'voice.turn.index': 1,
    'gen_ai.speech.input.language': 'fr',
    'voice.stt.audio_ms': 600,
    'voice.stt.interim_count': 2,
    'voice.stt.reconnects': 0,
    'voice.stt.tail_ms': expect.any(Number),
    'gen_ai.response.time_to_first_chunk': expect.any(Number),
    'voice.cost.usd': 0.00017,
  });
  expect(second?.attributes).toMatchObject({ 'voice.stt.audio_ms': 1000, 'voice.stt.interim_count': 0 });
  expect(second?.attributes['voice.turn.index']).toBeUndefined();
});

test('a failed item and a refused commit fail their spans by kind, never by what was said', async () => {
  const line = await connect({ purpose: 'transcription' });
  line.send(listening);
  line.send(commit('first'));
  line.send(commit('second'));
  const empty = { code: 'input_audio_buffer_commit_empty', message: 'Jean Dupont', event_id: 'second' };
  await line.say(
    { type: 'error', error: empty },
    committed('one'),
    transcript('failed', 'one', { error: { type: 'rate_limit_exceeded', message: 'Jean Dupont' } }),
  );
  expect(transcripts().map((span) => [span.attributes['error.type'], span.status.message])).toEqual([
    ['model', 'input_audio_buffer_commit_empty'],
    ['rate_limit', 'rate_limit_exceeded'],
  ]);
  expect(JSON.stringify(recorder.spans().map(({ attributes, events }) => [attributes, events]))).not.toContain('Jean');
});

test('an utterance that the provider closed by its own ear counts the speech that it heard', async () => {
  const turn = call.startTurn(2);
  const line = await connect({ purpose: 'transcription', contextOf: () => turn.context });
  line.send(listening);
  line.send(append(3000));
  await line.say(
    { type: 'input_audio_buffer.speech_started', audio_start_ms: 500, item_id: 'one' },
    { type: 'input_audio_buffer.speech_stopped', audio_end_ms: 1750, item_id: 'one' },
    committed('one'),
    transcript('completed', 'one', { usage: { type: 'tokens', input_tokens: 12, output_tokens: 4 } }),
  );
  expect(transcripts()[0]?.attributes).toMatchObject({
    'voice.stt.audio_ms': 1250,
    'voice.turn.index': 2,
    'gen_ai.usage.input_tokens': 12,
  });
});

test('audio that was cleared is not counted, PCM is counted at its rate', async () => {
  const line = await connect({ purpose: 'transcription' });
  await line.say({
    type: 'session.created',
    session: { audio: { input: { format: { type: 'audio/pcm', rate: 24_000 } } } },
  });
  line.send(append(900));
  line.send({ type: 'input_audio_buffer.clear' });
  line.send({ type: 'input_audio_buffer.append', audio: Buffer.alloc(4800).toString('base64') });
  line.send(commit());
  await line.say(committed('one'), transcript('completed', 'one'));
  expect(transcripts()[0]?.attributes['voice.stt.audio_ms']).toBe(100);
});
