import { modulate } from '../../../services/line/modem.ts';
import { encodeMulaw } from '../../../services/line/mulaw.ts';
import { createPromptCache } from '../../../services/openai/domain/chat/tokens.ts';
import { createFaultBoard } from '../../../services/openai/domain/faults.ts';
import { createLatencySource } from '../../../services/openai/domain/latency.ts';
import { createRandom } from '../../../services/openai/domain/random.ts';
import { createRateLimits } from '../../../services/openai/domain/rate-limit.ts';
import { openRealtimeSession } from '../../../services/openai/domain/realtime/session.ts';
import { createResponseStore } from '../../../services/openai/domain/responses/store.ts';
import { createFakeClock } from '../../helpers/fake-clock.ts';

type Timed = { readonly type: string; readonly atMs: number };

/** A session on a clock that stands still, with healthy latencies, and every event with its time. */
function open(model: string | null) {
  const clock = createFakeClock();
  const events: Timed[] = [];
  const standin = {
    clock,
    latencies: createLatencySource(1, 'healthy'),
    faults: createFaultBoard(),
    promptCache: createPromptCache(),
    rateLimits: createRateLimits(clock.now),
    responses: createResponseStore(),
    random: createRandom(1),
    epochSeconds: () => 0,
  };
  const peer = {
    send: (event: Readonly<Record<string, unknown>>) =>
      void events.push({ type: String(event.type), atMs: clock.now() }),
    close: () => undefined,
  };
  const session = openRealtimeSession(standin, peer, model);
  const send = (event: object) => session.receive(JSON.stringify(event));
  const timesOf = (type: string) => events.filter((event) => event.type === type).map(({ atMs }) => atMs);
  return { clock, events, session, send, timesOf };
}

const AUDIO = 'response.output_audio.delta';
const WORDS = 'This sentence lasts for two seconds or so.';
const say = (instructions: string) => ({ type: 'response.create', response: { instructions } });
const expected = (...kinds: ('realtimeSpeech' | 'reply' | 'realtimeTranscript')[]) => {
  const source = createLatencySource(1, 'healthy');
  return kinds.reduce((sum, kind) => sum + source.next(kind), 0);
};

test('the first audio waits for its latency, and the rest leaves eight times faster than real time', async () => {
  const { clock, send, timesOf } = open('gpt-realtime-2.1-mini');
  send(say(`Say exactly: ${WORDS}`));
  await clock.advance(2_000);
  const times = timesOf(AUDIO);
  expect(timesOf('response.created')).toEqual([0]);
  expect(times[0]).toBeCloseTo(expected('realtimeSpeech'));
  expect(times.length).toBe(Math.ceil(((WORDS.length + 2) * 40) / 100));
  expect(times.at(-1)! - times[0]!).toBeCloseTo((times.length - 1) * 12.5);
});

test('an answer that has to be thought of waits for a reply as well', async () => {
  const { clock, send, timesOf } = open('gpt-realtime-2.1-mini');
  send(say('You answer the telephone.'));
  await clock.advance(2_000);
  expect(timesOf(AUDIO)[0]).toBeCloseTo(expected('reply', 'realtimeSpeech'));
});

test('a transcript begins after its latency and is complete a little later', async () => {
  const { clock, send, timesOf } = open(null);
  const input = { format: { type: 'audio/pcmu' }, transcription: { model: 'gpt-live-transcribe' } };
  send({ type: 'session.update', session: { type: 'transcription', audio: { input } } });
  const audio = Buffer.from(encodeMulaw(modulate(WORDS, { voice: 'caller' }))).toString('base64');
  send({ type: 'input_audio_buffer.append', audio });
  send({ type: 'input_audio_buffer.commit' });
  await clock.advance(1_000);
  const kind = 'conversation.item.input_audio_transcription';
  const first = expected('realtimeTranscript');
  expect(timesOf(`${kind}.delta`)[0]).toBeCloseTo(first);
  expect(timesOf(`${kind}.completed`)[0]).toBeCloseTo(1.3 * first);
});

test('after the end nothing is sent any more', async () => {
  const { clock, events, session, send } = open('gpt-realtime-2.1-mini');
  send(say(`Say exactly: ${WORDS}`));
  await clock.advance(expected('realtimeSpeech') + 30);
  const sent = events.length;
  expect(events.at(-1)?.type).toBe(AUDIO);
  session.end();
  await clock.advance(2_000);
  expect(events).toHaveLength(sent);
});
