import { context, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { type Callspan, createCallspan, createTracedFetch, type Fetch } from '../../../otel/src/index.ts';
import { type MetricRecorder, startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

let recorder: SpanRecorder;
let metrics: MetricRecorder;
let callspan: Callspan;
beforeEach(() => {
  recorder = startSpanRecorder();
  metrics = startMetricRecorder();
  callspan = createCallspan({ tracer: recorder.tracer, meter: metrics.meter });
});
afterEach(async () => {
  await recorder.close();
  await metrics.close();
});

const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const CHAT = 'http://127.0.0.1/v1/chat/completions';
const body = (fields: object) => ({ method: 'POST', body: JSON.stringify({ model: 'gpt-6-luna', ...fields }) });
const traced = (fetchThrough: Fetch) => createTracedFetch(fetchThrough, { callspan });
const answering = (answer: () => Response) => traced(async () => answer());
const attemptsOf = () =>
  recorder
    .spans()
    .filter((span) => span.name === 'model.attempt')
    .map(({ attributes }) => [
      attributes['http.request.resend_count'],
      attributes['http.response.status_code'],
      attributes['error.type'],
    ]);

const form = () => {
  const fields = new FormData();
  fields.set('model', 'gpt-transcribe');
  fields.set('language', 'fr');
  fields.set('file', new Blob([new Uint8Array(4)]), 'a.wav');
  return { method: 'POST', body: fields };
};
const schema = { type: 'json_schema', json_schema: { name: 'form', schema: {} } };

test.each([
  ['chat/completions', body({ messages: [] }), 'chat gpt-6-luna', 'reply', {}],
  [
    'chat/completions',
    body({ response_format: schema }),
    'chat gpt-6-luna',
    'extraction',
    { 'gen_ai.output.type': 'json' },
  ],
  ['chat/completions', body({ response_format: { type: 'text' } }), 'chat gpt-6-luna', 'reply', {}],
  ['responses', body({ input: 'Bonjour' }), 'chat gpt-6-luna', 'reply', {}],
  ['responses', body({ text: { format: schema } }), 'chat gpt-6-luna', 'extraction', { 'gen_ai.output.type': 'json' }],
  [
    'audio/transcriptions',
    form(),
    'speech_to_text gpt-transcribe',
    'transcription',
    { 'gen_ai.speech.input.language': 'fr' },
  ],
  [
    'audio/speech',
    body({ input: 'Bonjour !', voice: 'marin' }),
    'text_to_speech gpt-6-luna',
    'synthesis',
    { 'voice.tts.characters': 9, 'gen_ai.speech.voice': 'marin' },
  ],
])(
  'a request to %s that nobody wrapped gets a span by its path and body',
  async (...[path, init, name, stage, attributes]) => {
    const call = callspan.startCall(INFO);
    const turn = call.startTurn(3);
    await context.with(turn.context, async () => {
      const fetchThrough = answering(() => Response.json({}));
      await (await fetchThrough(`http://127.0.0.1/v1/${path}`, init)).text();
    });
    const span = recorder.named(name);
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.attributes).toMatchObject({
      'gen_ai.operation.name': name.split(' ')[0],
      'gen_ai.request.model': name.split(' ')[1],
      'gen_ai.provider.name': 'openai',
      'gen_ai.conversation.id': 'CA1',
      'voice.turn.index': 3,
      'voice.stage': stage,
      ...attributes,
    });
    expect(call.openSpans).toBe(2);
  },
);

test('the provider is told by the host, or by the option for hosts that nobody knows', async () => {
  const fetchThrough = createTracedFetch(async () => Response.json({}), { callspan, provider: 'vllm' });
  await (await fetchThrough('https://api.openai.com/v1/responses', body({}))).text();
  await (await fetchThrough('http://127.0.0.1/v1/responses', body({}))).text();
  expect(recorder.spans().map((span) => span.attributes['gen_ai.provider.name'])).toEqual(['openai', 'vllm']);
});

test('the list of models, other paths and data addresses are plain fetch', async () => {
  const fetchThrough = answering(() => new Response('plain'));
  for (const url of ['http://127.0.0.1/v1/models', 'http://127.0.0.1/v1/files', 'data:,plain']) {
    expect(await (await fetchThrough(url)).text()).toBe('plain');
  }
  expect(recorder.spans()).toHaveLength(0);
});

test('rate limits, request id and metrics of a request are recorded', async () => {
  const headers = {
    'x-request-id': 'req_1',
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-remaining-requests': '499',
    'x-ratelimit-limit-tokens': '30000',
    'x-ratelimit-remaining-tokens': 'none',
  };
  const usage = {
    prompt_tokens: 100,
    completion_tokens: 20,
    prompt_tokens_details: { cached_tokens: 60 },
    completion_tokens_details: { reasoning_tokens: 5 },
  };
  await (await answering(() => Response.json({ model: 'gpt-6-luna', usage }, { headers }))(CHAT, body({}))).text();
  const { attributes } = recorder.named('chat gpt-6-luna');
  expect(attributes).toMatchObject({
    'voice.provider.request_id': 'req_1',
    'voice.provider.ratelimit.limit_requests': 500,
    'voice.provider.ratelimit.remaining_requests': 499,
    'voice.provider.ratelimit.limit_tokens': 30_000,
    'voice.cost.usd': 0.0000146,
  });
  expect(attributes['voice.provider.ratelimit.remaining_tokens']).toBeUndefined();
  const labels = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-6-luna',
    'voice.stage': 'reply',
  };
  expect(await metrics.points('gen_ai.client.operation.duration')).toMatchObject([{ labels, count: 1 }]);
  expect(
    (await metrics.points('gen_ai.client.token.usage')).map((point) => [
      point.labels['gen_ai.token.type'],
      point.value,
    ]),
  ).toEqual([
    ['input', 100],
    ['output', 20],
    ['cached', 60],
    ['reasoning', 5],
  ]);
  expect(await metrics.points('gen_ai.client.operation.time_to_first_chunk')).toEqual([]);
});

test('the first chunk of a stream is recorded as it passes, and a failure by its kind', async () => {
  const stream = 'data: {"choices":[{"delta":{"content":"a"}}]}\n\n';
  const headers = { 'content-type': 'text/event-stream' };
  await (await answering(() => new Response(stream, { headers }))(CHAT, body({}))).text();
  expect(await metrics.points('gen_ai.client.operation.time_to_first_chunk')).toMatchObject([{ count: 1 }]);
  await (await answering(() => new Response('no', { status: 429 }))(CHAT, body({}))).text();
  const kinds = (await metrics.points('gen_ai.client.operation.duration')).map(({ labels }) => labels['error.type']);
  expect(kinds).toEqual([undefined, 'rate_limit']);
});

const counted = (count: number, fields: object = {}) => ({
  ...body(fields),
  headers: { 'x-stainless-retry-count': String(count), 'x-stainless-timeout': '0' },
});

test('the attempts of one logical request share a span, with a child for each', async () => {
  const statuses = [429, 500, 200];
  const fetchThrough = answering(() => Response.json({}, { status: statuses.shift() ?? 200 }));
  await (await fetchThrough(CHAT, counted(0))).body?.cancel();
  await (await fetchThrough(CHAT, counted(1))).body?.cancel();
  await (await fetchThrough(CHAT, counted(2))).text();
  const span = recorder.named('chat gpt-6-luna');
  expect(attemptsOf()).toEqual([
    [0, 429, 'rate_limit'],
    [1, 500, 'api'],
    [2, 200, undefined],
  ]);
  expect(span.attributes['http.request.resend_count']).toBe(2);
  expect(span.attributes['http.response.status_code']).toBeUndefined();
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
});

test('requests that only look alike are not joined: another body, another call, an attempt left out', async () => {
  const fetchThrough = answering(() => Response.json({}, { status: 429 }));
  await (await fetchThrough(CHAT, counted(0))).body?.cancel();
  await (await fetchThrough(CHAT, counted(2))).text();
  await (await fetchThrough(CHAT, counted(0, { seed: 1 }))).body?.cancel();
  await (await fetchThrough(CHAT, counted(1, { seed: 2 }))).text();
  const call = callspan.startCall(INFO);
  await context.with(call.context, async () => (await fetchThrough(CHAT, counted(1, { seed: 1 }))).text());
  expect(recorder.spans().filter((span) => span.name === 'chat gpt-6-luna')).toHaveLength(3);
  expect(attemptsOf()).toEqual([]);
});

test('an error whose body is read is final, one that no retry follows is given up after its wait', async () => {
  const fetchThrough = answering(() => Response.json({}, { status: 503, headers: { 'retry-after-ms': '1' } }));
  await (await fetchThrough(CHAT, counted(2))).text();
  expect(recorder.spans()).toHaveLength(1);
  const { jest } = import.meta;
  jest.useFakeTimers();
  try {
    await (await fetchThrough(CHAT, counted(0))).body?.cancel();
    expect(recorder.spans()).toHaveLength(1);
    jest.advanceTimersByTime(2_001);
  } finally {
    jest.useRealTimers();
  }
  const [, span] = recorder.spans();
  expect(span?.attributes).toMatchObject({ 'error.type': 'api', 'http.response.status_code': 503 });
  expect(span?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'HTTP 503' });
});

test('without a count of attempts an error is final, its message a status and not what the server said', async () => {
  const fetchThrough = answering(() => Response.json({ error: { message: 'Jean Dupont' } }, { status: 400 }));
  await (await fetchThrough(CHAT, body({}))).text();
  const span = recorder.named('chat gpt-6-luna');
  expect(span.status.message).toBe('HTTP 400');
  expect(JSON.stringify([span.attributes, span.events])).not.toContain('Jean');
});

test('what cannot be watched passes through', async () => {
  const broken = {
    tools: {
      ...callspan.tools,
      tracer: {
        startSpan: () => {
          throw new Error('broken');
        },
      },
    },
  };
  const fetchThrough = createTracedFetch(async () => new Response('fine'), { callspan: broken as never });
  expect(await (await fetchThrough(CHAT, body({}))).text()).toBe('fine');
});

test('a wrapped model call learns what its wrapper did not tell, and keeps what it did', async () => {
  const call = callspan.startCall(INFO);
  const fetchThrough = answering(() => Response.json({}));
  const request = { name: 'mine', attributes: { 'gen_ai.provider.name': 'groq' } };
  await call.runModel(request, undefined, async () => (await fetchThrough(CHAT, body({}))).text());
  expect(recorder.named('mine').attributes).toMatchObject({
    'gen_ai.provider.name': 'groq',
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-6-luna',
  });
  expect(recorder.spans()).toHaveLength(1);
});

test('no header of the trace can reach the provider: instrumentation below sees nothing to trace', async () => {
  let suppressed: boolean | undefined;
  const fetchThrough = traced(async () => {
    suppressed = isTracingSuppressed(context.active());
    return Response.json({});
  });
  const call = callspan.startCall(INFO);
  await context.with(call.context, async () => (await fetchThrough(CHAT, body({}))).text());
  expect(suppressed).toBe(true);
});
