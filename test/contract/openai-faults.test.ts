import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { type Harness, openHarness, spoken } from '../helpers/openai-standin.ts';

const MODEL = 'gpt-6-luna';
const messages = [{ role: 'user', content: 'Hello' }] as const;
let harness: Harness;
beforeEach(async () => {
  harness = await openHarness();
});
afterEach(() => harness.standin.close());

const reply = () => harness.client.chat.completions.create({ model: MODEL, messages: [...messages] });
const extract = () =>
  harness.client.chat.completions.create({
    model: MODEL,
    messages: [...messages],
    response_format: zodResponseFormat(z.object({ name: z.string().nullable() }), 'form'),
  });
const transcribe = () => harness.client.audio.transcriptions.create({ file: spoken('Hello'), model: 'gpt-transcribe' });
const speak = () =>
  harness.client.audio.speech.create({ model: 'kokoro', voice: 'af', input: 'Hello there', response_format: 'pcm' });
const outcome = (promise: PromiseLike<unknown>) =>
  Promise.resolve(promise).then(
    () => 'served',
    (error: unknown) => error,
  );

test('a fault meets exactly the next requests that it was asked for', async () => {
  expect(await harness.control({ route: 'chat', fault: '500', next: 2 })).toMatchObject({
    status: 200,
    body: { profile: 'instant', faults: [{ route: 'chat', fault: '500', remaining: 2 }] },
  });
  const outcomes = [
    await outcome(reply()),
    await outcome(transcribe()),
    await outcome(reply()),
    await outcome(reply()),
  ];
  expect(outcomes[0]).toBeInstanceOf(OpenAI.InternalServerError);
  expect(outcomes[1]).toBe('served');
  expect(outcomes[2]).toBeInstanceOf(OpenAI.InternalServerError);
  expect(outcomes[3]).toBe('served');
});

test('a fault without a number stays until it is switched off', async () => {
  await harness.control({ route: 'speech', fault: '500' });
  for (const _ of [1, 2, 3]) expect(await outcome(speak())).toBeInstanceOf(OpenAI.InternalServerError);
  await harness.control({ route: 'speech', fault: 'off' });
  expect(await outcome(speak())).toBe('served');
});

test('a request that is refused for itself does not use a fault up', async () => {
  await harness.control({ route: 'chat', fault: '500', next: 1 });
  const refusal = await outcome(harness.client.chat.completions.create({ model: MODEL, messages: [] }));
  expect(refusal).toBeInstanceOf(OpenAI.BadRequestError);
  expect(await outcome(reply())).toBeInstanceOf(OpenAI.InternalServerError);
});

test('429 is a RateLimitError with the wait that it asks for, which the package obeys', async () => {
  await harness.control({ route: 'transcriptions', fault: '429', next: 2, retryAfterMs: 20 });
  const refusal = await outcome(transcribe());
  expect(refusal).toBeInstanceOf(OpenAI.RateLimitError);
  expect(refusal).toMatchObject({ code: 'rate_limit_exceeded', type: 'requests' });
  const { headers } = refusal as InstanceType<typeof OpenAI.RateLimitError>;
  expect([headers.get('retry-after-ms'), headers.get('x-ratelimit-remaining-requests')]).toEqual(['20', '0']);
  const retrying = harness.client.withOptions({ maxRetries: 1 });
  const answer = await retrying.audio.transcriptions.create({ file: spoken('Hello'), model: 'gpt-transcribe' });
  expect(answer.text).toBe('Hello');
});

test('a fault can be for extractions only', async () => {
  await harness.control({ route: 'chat', fault: '500', match: 'extraction', next: 1 });
  expect(await outcome(reply())).toBe('served');
  expect(await outcome(extract())).toBeInstanceOf(OpenAI.InternalServerError);
  expect(await outcome(extract())).toBe('served');
});

test('cut-stream breaks streams and whole answers half-way', async () => {
  await harness.control({ route: 'chat', fault: 'cut-stream' });
  await harness.control({ route: 'speech', fault: 'cut-stream' });
  const stream = await harness.client.chat.completions.create({ model: MODEL, messages: [...messages], stream: true });
  const pieces: string[] = [];
  const read = async () => {
    for await (const chunk of stream) pieces.push(chunk.choices[0]?.delta.content ?? '');
  };
  expect(await outcome(read())).toMatchObject({ message: 'terminated' });
  expect(pieces.length).toBeGreaterThan(1);
  expect(await outcome(reply())).toMatchObject({ message: 'terminated' });
  const speech = await speak();
  expect(await outcome(speech.arrayBuffer())).toMatchObject({ message: 'terminated' });
});

test('bad-json cannot be parsed, whole or streamed', async () => {
  await harness.control({ route: 'chat', fault: 'bad-json' });
  await harness.control({ route: 'transcriptions', fault: 'bad-json' });
  expect(await outcome(reply())).toBeInstanceOf(SyntaxError);
  expect(await outcome(transcribe())).toBeInstanceOf(SyntaxError);
  const stream = await harness.client.chat.completions.create({ model: MODEL, messages: [...messages], stream: true });
  const read = async () => {
    for await (const _ of stream);
  };
  expect(await outcome(read())).toBeInstanceOf(SyntaxError);
});

/** Resolves when the next request has met its fault. */
async function faultsUsed(): Promise<void> {
  const state = (await (await fetch(`${harness.standin.url}/control`)).json()) as { faults: unknown[] };
  if (state.faults.length > 0) await faultsUsed();
}

test('hang answers nothing until the client gives up; the next request is served', async () => {
  await harness.control({ route: 'chat', fault: 'hang', next: 1 });
  const controller = new AbortController();
  const request = { model: MODEL, messages: [...messages] };
  const hanging = outcome(harness.client.chat.completions.create(request, { signal: controller.signal }));
  await faultsUsed();
  controller.abort();
  expect(await hanging).toBeInstanceOf(OpenAI.APIUserAbortError);
  expect(await outcome(reply())).toBe('served');
});

test('closing the stand-in ends a request that hangs', async () => {
  await harness.control({ route: 'chat', fault: 'hang', next: 1 });
  const hanging = outcome(reply());
  await faultsUsed();
  await harness.standin.close();
  expect(await hanging).toBeInstanceOf(OpenAI.APIConnectionError);
});

test('slow adds its latency to the draw', async () => {
  await harness.control({ route: 'chat', fault: 'slow', next: 1, latencyMs: 60 });
  const slow = await reply().asResponse();
  expect(Number(slow.headers.get('openai-processing-ms'))).toBeGreaterThanOrEqual(60);
});

test('what is on can be read, and a profile changed', async () => {
  await harness.control({ profile: 'healthy' });
  await harness.control({ route: 'chat', fault: 'hang', match: 'reply' });
  const state = await (await fetch(`${harness.standin.url}/control`)).json();
  expect(state).toMatchObject({
    profile: 'healthy',
    faults: [{ route: 'chat', fault: 'hang', match: 'reply', remaining: null }],
  });
});

test.each([
  [{ route: 'images', fault: '500' }, 'route: must be one of transcriptions, chat, responses, speech, realtime'],
  [{ route: 'chat', fault: 'fire' }, 'fault: must be one of slow, 429, 500, cut-stream, hang, bad-json, off'],
  [{ route: 'chat', fault: 'constructor' }, 'fault: must be one of slow, 429, 500, cut-stream, hang, bad-json, off'],
  [{ profile: 'fast' }, 'profile: must be one of healthy, instant'],
  [{ route: 'chat', fault: '500', next: 0 }, 'next: '],
  [{ route: 'speech', fault: '500', match: 'reply' }, 'match: belongs to routes chat, responses, realtime only'],
  [{ route: 'chat', fault: '500', often: true }, 'often'],
  [
    { route: 'realtime', fault: '500' },
    'fault: must be one of slow, refuse, close, transcription_failed, hang, rate_limit, nonsense, off',
  ],
  [{ route: 'responses', fault: 'refuse' }, 'fault: must be one of slow, 429, 500, cut-stream, hang, bad-json, off'],
  [{ route: 'realtime', fault: 'hang', match: 'reply' }, 'match: must be one of transcription, response'],
  [{ route: 'realtime', fault: 'close', code: 1000 }, 'code: must be one of 1011, 1006'],
  [{ route: 'realtime', fault: 'hang', code: 1006 }, 'code: belongs to refuse and close only'],
])('control refuses %j naming what is allowed', async (order, message) => {
  expect(await harness.control(order)).toEqual({
    status: 400,
    body: { error: expect.objectContaining({ message: expect.stringContaining(message) }) },
  });
});
