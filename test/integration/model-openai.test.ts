import { context, SpanStatusCode } from '@opentelemetry/api';
import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { type CallTrace, createCallspan, createTracedFetch } from '../../otel/src/index.ts';
import { type Harness, openHarness, spoken } from '../helpers/openai-standin.ts';
import { durationMs, type SpanRecorder, startSpanRecorder } from '../helpers/recorded-spans.ts';

/** The openai package as it is, its fetch replaced and nothing else: no request is wrapped. */
let recorder: SpanRecorder;
let harness: Harness;
let client: OpenAI;
let call: CallTrace;
beforeEach(async () => {
  recorder = startSpanRecorder();
  harness = await openHarness();
  const callspan = createCallspan({ tracer: recorder.tracer });
  call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  client = new OpenAI({
    baseURL: `${harness.standin.url}/v1`,
    apiKey: 'any',
    maxRetries: 1,
    logLevel: 'off',
    fetch: createTracedFetch(fetch, { callspan }),
  });
});
afterEach(async () => {
  await harness.standin.close();
  await recorder.close();
});

const MODEL = 'gpt-6-luna';
const messages = [{ role: 'user' as const, content: 'Hello, I need an appointment.' }];
const streamOptions = { stream: true, stream_options: { include_usage: true } } as const;
const Form = z.object({ name: z.string().nullable() });
const inCall = <T>(work: () => Promise<T>): Promise<T> => context.with(call.contextOf(1), work);

/** name, stage, tokens told, first chunk, failure */
const table = () =>
  recorder.spans().map(({ name, attributes }) => ({
    name,
    stage: attributes['voice.stage'],
    usage: typeof attributes['gen_ai.usage.input_tokens'] === 'number',
    streamed: typeof attributes['gen_ai.response.time_to_first_chunk'] === 'number',
    failure: attributes['error.type'],
  }));
const row = (name: string, stage: string, facts: object = {}) => ({
  name,
  stage,
  usage: true,
  streamed: false,
  failure: undefined,
  ...facts,
});

test('every way of asking leaves one span, with what the answer told', async () => {
  call.startTurn(1);
  await inCall(async () => {
    const { chat, responses, audio } = client;
    await chat.completions.create({ model: MODEL, messages });
    for await (const _ of await chat.completions.create({ model: MODEL, messages, ...streamOptions }));
    await chat.completions.parse({ model: MODEL, messages, response_format: zodResponseFormat(Form, 'form') });
    await chat.completions.stream({ model: MODEL, messages, ...streamOptions }).finalContent();
    await responses.create({ model: MODEL, input: 'Hello' });
    for await (const _ of await responses.create({ model: MODEL, input: 'Hello', stream: true }));
    await responses.parse({ model: MODEL, input: 'Hello', text: { format: zodTextFormat(Form, 'form') } });
    const file = spoken('Hello there');
    await audio.transcriptions.create({ file, model: 'gpt-transcribe' });
    for await (const _ of await audio.transcriptions.create({ file, model: 'gpt-transcribe', stream: true }));
    const speech = { model: 'kokoro', voice: 'af', input: 'Hello there' };
    await (await audio.speech.create({ ...speech, response_format: 'pcm' })).arrayBuffer();
    await (await audio.speech.create({ ...speech, response_format: 'pcm', stream_format: 'sse' })).text();
    await client.models.list();
  });
  const chat = 'chat gpt-6-luna';
  expect(table()).toEqual([
    row(chat, 'reply'),
    row(chat, 'reply', { streamed: true }),
    row(chat, 'extraction'),
    row(chat, 'reply', { streamed: true }),
    row(chat, 'reply'),
    row(chat, 'reply', { streamed: true }),
    row(chat, 'extraction'),
    row('speech_to_text gpt-transcribe', 'transcription', { usage: false }),
    row('speech_to_text gpt-transcribe', 'transcription', { usage: false, streamed: true }),
    row('text_to_speech kokoro', 'synthesis', { usage: false, streamed: true }),
    row('text_to_speech kokoro', 'synthesis', { streamed: true }),
  ]);
  for (const { attributes } of recorder.spans()) {
    expect(attributes).toMatchObject({
      'gen_ai.conversation.id': 'CA1',
      'voice.turn.index': 1,
      'gen_ai.provider.name': 'openai',
      'voice.provider.request_id': expect.stringMatching(/^req_/),
    });
  }
  const costs = recorder.spans().map(({ attributes }) => typeof attributes['voice.cost.usd']);
  expect(costs).toEqual([...Array<string>(9).fill('number'), 'undefined', 'undefined']);
});

test('leaving a stream half-way is an outcome, for both kinds of stream', async () => {
  await harness.control({ profile: 'healthy' });
  await inCall(async () => {
    for await (const _ of await client.chat.completions.create({ model: MODEL, messages, ...streamOptions })) break;
    for await (const event of await client.responses.create({ model: MODEL, input: 'Hello', stream: true })) {
      if (event.type === 'response.output_text.delta') break;
    }
  });
  await recorder.ended('chat gpt-6-luna');
  while (recorder.spans().length < 2) await new Promise((resolve) => setImmediate(resolve));
  for (const span of recorder.spans()) {
    expect(span.attributes['error.type']).toBe('cancelled');
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
  }
});

test('a refused request that is tried again is one span with two children, and the wait between them is seen', async () => {
  await harness.control({ route: 'chat', fault: '429', next: 1, retryAfterMs: 300 });
  await inCall(() => client.chat.completions.create({ model: MODEL, messages }));
  const [first, second, whole] = recorder.spans();
  expect([first?.name, second?.name, whole?.name]).toEqual(['model.attempt', 'model.attempt', 'chat gpt-6-luna']);
  expect(first?.attributes).toMatchObject({ 'http.response.status_code': 429, 'error.type': 'rate_limit' });
  expect(second?.attributes).toMatchObject({ 'http.response.status_code': 200, 'http.request.resend_count': 1 });
  const waitedMs = Number(second?.attributes['voice.attempt.wait_ms']);
  expect(waitedMs).toBeGreaterThanOrEqual(295);
  expect(durationMs(whole!)).toBeGreaterThanOrEqual(waitedMs);
  expect(whole?.attributes).toMatchObject({
    'http.request.resend_count': 1,
    'gen_ai.usage.input_tokens': expect.any(Number),
  });
  expect(whole?.status.code).toBe(SpanStatusCode.UNSET);
});

test('when the last attempt is refused the span fails once, with the status', async () => {
  await harness.control({ route: 'chat', fault: '500', next: 2 });
  await expect(inCall(() => client.chat.completions.create({ model: MODEL, messages }))).rejects.toThrow('500');
  const span = recorder.named('chat gpt-6-luna');
  expect(span.attributes).toMatchObject({ 'error.type': 'api', 'http.response.status_code': 500 });
  expect(recorder.spans().filter(({ name }) => name === 'model.attempt')).toHaveLength(2);
});

test('an abort by the app is an outcome', async () => {
  await harness.control({ route: 'chat', fault: 'hang' });
  const stop = new AbortController();
  const pending = inCall(() => client.chat.completions.create({ model: MODEL, messages }, { signal: stop.signal }));
  const rejected = expect(pending).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
  while (recorder.open().length < 2) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await rejected;
  expect((await recorder.ended('chat gpt-6-luna')).attributes['error.type']).toBe('cancelled');
});

test('an attempt that took too long is a timeout, not a hang-up, although the package aborts it alike', async () => {
  await harness.control({ route: 'chat', fault: 'hang' });
  const pending = client.chat.completions.create({ model: MODEL, messages }, { timeout: 1000, maxRetries: 1 });
  await expect(pending).rejects.toBeInstanceOf(OpenAI.APIConnectionError);
  const attempts = recorder.spans().filter(({ name }) => name === 'model.attempt');
  expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual(['timeout', 'timeout']);
});

test('a stream that the server cuts fails its span, and the package sees the same error as ever', async () => {
  await harness.control({ route: 'chat', fault: 'cut-stream' });
  const read = async (from: OpenAI) => {
    for await (const _ of await from.chat.completions.create({ model: MODEL, messages, ...streamOptions }));
  };
  const plain = await read(harness.client).catch((error: Error) => error.constructor.name);
  const traced = await inCall(() => read(client)).catch((error: Error) => error.constructor.name);
  expect(traced).toBe(plain);
  expect((await recorder.ended('chat gpt-6-luna')).attributes['error.type']).toBe('api');
});

test('outside of every call a request has a trace of its own', async () => {
  await client.chat.completions.create({ model: MODEL, messages });
  const span = recorder.named('chat gpt-6-luna');
  expect(span.parentSpanContext).toBeUndefined();
  expect(span.attributes['gen_ai.conversation.id']).toBeUndefined();
  expect(span.attributes['voice.cost.usd']).toBeGreaterThan(0);
});
