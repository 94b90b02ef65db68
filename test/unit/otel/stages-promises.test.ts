import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import OpenAI from 'openai';
import { type Callspan, callRefOf, createCallspan, createTracedFetch, replyStage } from '../../../otel/src/index.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const STAGE = replyStage({ provider: 'openai', model: 'm' });
const CHAT = 'chat m';
const ANSWER = {
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Bonjour' } }],
};
const CHUNK = {
  ...ANSWER,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: { content: 'Bonjour' }, finish_reason: null }],
};

let recorder: SpanRecorder;
let callspan: Callspan;
beforeEach(() => {
  recorder = startSpanRecorder();
  callspan = createCallspan({ tracer: recorder.tracer });
});
afterEach(() => recorder.close());

function client(answer: () => Response): OpenAI {
  return new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: createTracedFetch(async () => answer(), { callspan }) });
}

function ask(status = 200) {
  const headers = { 'content-type': 'application/json' };
  const openai = client(() => new Response(JSON.stringify(status === 200 ? ANSWER : {}), { status, headers }));
  return openai.chat.completions.create({ model: 'm', messages: [] });
}

function askStream() {
  const body = `data: ${JSON.stringify(CHUNK)}\n\ndata: [DONE]\n\n`;
  const openai = client(() => new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  return openai.chat.completions.create({ model: 'm', messages: [], stream: true });
}

type Asked<T> = ReturnType<typeof ask> extends infer P ? P & PromiseLike<T> : never;

/** Every way in which a consumer gets at what an openai promise holds. */
const ASKED: [string, (promise: Asked<unknown>) => Promise<unknown>][] = [
  ['await', async (promise) => await promise],
  ['then', (promise) => promise.then((value) => value)],
  ['catch', (promise) => promise.catch((error: unknown) => Promise.reject(error))],
  ['finally', (promise) => promise.finally(() => 'ignored')],
  ['withResponse', async (promise) => (await promise.withResponse()).data],
];

test.each(ASKED)('an openai promise that is asked by %s ends its stage with the same result', async (_, get) => {
  const made: ReturnType<typeof ask>[] = [];
  const promise = callspan.wrap(STAGE, () => {
    made.push(ask());
    return made[0] as ReturnType<typeof ask>;
  })();
  expect(promise).toBe(made[0]);
  expect(recorder.open()).toEqual([CHAT]);
  const answer = await get(promise);
  expect(recorder.open()).toEqual([]);
  expect(answer).toBe(await made[0]);
  expect(recorder.named(CHAT).status.code).toBe(SpanStatusCode.UNSET);
  for (const key of ['then', 'catch', 'finally', 'asResponse']) {
    expect(Object.hasOwn(promise, key)).toBe(false);
  }
});

test.each(ASKED)(
  'an openai promise that fails and is asked by %s fails its stage with the same error',
  async (_, get) => {
    const measured = callspan.wrap(STAGE, () => ask(429))();
    await expect(get(measured)).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    expect(recorder.named(CHAT).attributes['error.type']).toBe('rate_limit');
  },
);

test.each(ASKED)('a stream that an openai promise gives by %s is measured until its end', async (_, get) => {
  const measured = callspan.wrap(STAGE, askStream)();
  const stream = (await get(measured as unknown as Asked<unknown>)) as AsyncIterable<unknown>;
  expect(recorder.open()).toEqual([CHAT]);
  const chunks: unknown[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  expect(chunks).toEqual([CHUNK]);
  expect(recorder.open()).toEqual([]);
});

test('a raw response that is taken from an openai promise ends its stage', async () => {
  const measured = callspan.wrap(STAGE, () => ask())();
  const response = await measured.asResponse();
  expect(recorder.open()).toEqual([]);
  expect(await response.json()).toEqual(ANSWER);
});

test('who takes the raw response beside the stream has the stream measured until its end', async () => {
  const measured = callspan.wrap(STAGE, askStream)();
  const [stream, response] = await Promise.all([measured, measured.asResponse()]);
  expect(response.status).toBe(200);
  expect(recorder.open()).toEqual([CHAT]);
  for await (const _chunk of stream);
  expect(recorder.open()).toEqual([]);
});

test('a stream that two consumers of its promise get is measured until the first of them has read it', async () => {
  const measured = callspan.wrap(STAGE, askStream)();
  const [one, other] = await Promise.all([measured, measured.finally(() => {})]);
  expect(other).toBe(one);
  for await (const _chunk of one);
  expect(recorder.open()).toEqual([]);
});

test('catch and finally of a thenable of its own kind take what they took, where the consumer stands', async () => {
  class Filtered extends Promise<never> {
    override catch(...args: unknown[]): never {
      const [kind, handler] = args as [new () => Error, (error: unknown) => unknown];
      return this.then(undefined, (error: unknown) => {
        if (error instanceof kind) return handler(error);
        throw error;
      }) as never;
    }
  }
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  const turn = call.startTurn(3);
  const failure = new RangeError('x');
  const measured = callspan.wrap({ name: 'work' }, () => Filtered.reject(failure) as Filtered)();
  const seen: unknown[] = [];
  const handle = (error: unknown) => seen.push(error, callRefOf(context.active())?.turnIndex);
  await context.with(turn.context, () => measured.catch(RangeError, handle) as Promise<unknown>);
  expect(seen).toEqual([failure, 3]);
  expect(recorder.named('work').attributes['error.type']).toBe('internal');
  call.end({ reason: 'bot_hangup', outcome: 'saved' });
});

test('a block hands over a promise of a class of its own as it is, and fails with it', async () => {
  const stage = callspan.startStage({ ...STAGE, asksModel: true });
  const made: ReturnType<typeof ask>[] = [];
  const run = stage.run(() => {
    made.push(ask(429));
    return made[0] as ReturnType<typeof ask>;
  });
  expect(run).toBe(made[0]);
  await expect(run.withResponse()).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  expect(recorder.open()).toEqual([CHAT]);
  stage.end();
  expect(recorder.named(CHAT).attributes['error.type']).toBe('rate_limit');
});

test('a model stream that nobody asks for an item has no span', async () => {
  async function* produce() {
    yield 1;
  }
  const unread = callspan.modelStream(STAGE, produce);
  const closed = callspan.modelStream(STAGE, produce);
  await closed.return(undefined);
  expect(recorder.open()).toEqual([]);
  expect(await unread.next()).toEqual({ done: false, value: 1 });
  expect(recorder.open()).toEqual([CHAT]);
  await unread.return(undefined);
  expect(recorder.spans().map(({ name }) => name)).toEqual([CHAT]);
});

test('a model stream belongs where it was made, whoever reads it', async () => {
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  const turn = call.startTurn(2);
  const stream = context.with(turn.context, () =>
    callspan.modelStream(STAGE, async function* () {
      yield 1;
    }),
  );
  for await (const _item of stream);
  expect(recorder.named(CHAT).attributes['voice.turn.index']).toBe(2);
  expect(recorder.named(CHAT).parentSpanContext?.spanId).toBe(trace.getSpanContext(turn.context)?.spanId);
  call.end({ reason: 'bot_hangup', outcome: 'saved' });
});
