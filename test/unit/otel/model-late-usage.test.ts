import { context } from '@opentelemetry/api';
import {
  type Callspan,
  type CallTrace,
  createCallspan,
  createTracedFetch,
  shutdownTelemetry,
} from '../../../otel/src/index.ts';
import { type MetricRecorder, startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { durationMs, type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const { jest } = import.meta;

const prices = {
  models: { 'openai/m': { component: 'llm', inputPerMillion: 1, outputPerMillion: 2 } },
} as const;
const CHAT = 'http://127.0.0.1/v1/chat/completions';
const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const END = { reason: 'caller_hangup', outcome: 'no_record' } as const;
const USAGE = { model: 'm', choices: [], usage: { prompt_tokens: 1_000_000, completion_tokens: 1_000_000 } };

let recorder: SpanRecorder;
let metrics: MetricRecorder;
let kit: Callspan;
let call: CallTrace;
beforeEach(() => {
  metrics = startMetricRecorder();
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance', 'Date'] });
  recorder = startSpanRecorder();
  kit = createCallspan({ tracer: recorder.tracer, meter: metrics.meter, carrier: false, prices });
  call = kit.startCall(INFO);
});
afterEach(async () => {
  jest.useRealTimers();
  await recorder.close();
  await metrics.close();
});

type Answer = { say(event: object | '[DONE]'): void; finish(): void; breakOff(): void; readonly response: Response };

/** A streamed answer whose parts the test gives. */
function answer(contentType = 'text/event-stream'): Answer {
  let sink: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      sink = controller;
    },
  });
  return {
    say: (event) => sink?.enqueue(Buffer.from(`data: ${event === '[DONE]' ? event : JSON.stringify(event)}\n\n`)),
    finish: () => sink?.close(),
    breakOff: () => sink?.error(new Error('broken')),
    response: new Response(body, { headers: { 'content-type': contentType } }),
  };
}

/** Asks in the call's turn 1, without a wrapper; the text comes when the answer is over. */
async function ask({ response }: Answer, init: RequestInit = {}): Promise<Promise<string>> {
  const turn = call.startTurn(1);
  const request = { method: 'POST', body: JSON.stringify({ model: 'm', stream: true }), ...init };
  const fetched = context.with(turn.context, () =>
    createTracedFetch(async () => response, { callspan: kit })(CHAT, request),
  );
  return (await fetched).text();
}

const turns = async (count = 5) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const names = () => recorder.spans().map((span) => span.name);

test('an answer that is on its way when the call ends brings its usage: on its span, in the cost, and no span stays open', async () => {
  const late = answer();
  const endedAtMs = call.clock.now();
  const text = (async () => await await ask(late))();
  await turns();
  call.end({ ...END, endedAtMs });
  expect(names()).toEqual([]);
  expect([call.isEnded, kit.openCalls, kit.findCall('CA1')]).toEqual([true, 0, undefined]);
  late.say(USAGE);
  late.say('[DONE]');
  late.finish();
  await text;
  await turns();
  expect(names()).toEqual(['chat m', 'voice.turn', 'voice.call']);
  expect(recorder.named('chat m').attributes).toMatchObject({
    'gen_ai.usage.input_tokens': 1_000_000,
    'voice.cost.usd': 3,
  });
  expect(recorder.named('chat m').attributes['error.type']).toBeUndefined();
  expect(recorder.named('voice.call').attributes).toMatchObject({
    'voice.call.cost.usd': 3,
    'voice.call.cost.known': true,
    'voice.call.end_reason': 'caller_hangup',
  });
  expect(durationMs(recorder.named('voice.call'))).toBeCloseTo(endedAtMs - call.startedAtMs, 2);
  expect(recorder.open()).toEqual([]);
  jest.advanceTimersByTime(10_000);
  expect(names()).toHaveLength(3);
  jest.useRealTimers();
  expect((await metrics.points('voice.call.cost')).map((point) => point.value)).toEqual([3]);
});

test('two seconds later nobody waits any more: the answer is cancelled, the cost unknown', async () => {
  const late = answer();
  void ask(late);
  await turns();
  call.end(END);
  jest.advanceTimersByTime(1999);
  expect(recorder.open()).toHaveLength(3);
  jest.advanceTimersByTime(1);
  expect(recorder.open()).toEqual([]);
  expect(recorder.named('chat m').attributes['error.type']).toBe('cancelled');
  expect(names().at(-1)).toBe('voice.call');
});

test('what is no answer on its way does not hold the call: other stages, an answer that has no usage, a request without an answer', async () => {
  const turn = call.startTurn(1);
  call.startSpan({ name: 'stage', stage: 'save' }, 1);
  const fetch = (response: Promise<Response>) =>
    context.with(turn.context, () =>
      createTracedFetch(() => response, { callspan: kit })(CHAT, { method: 'POST', body: '{"model":"m"}' }),
    );
  void fetch(new Promise(() => undefined));
  void fetch(Promise.resolve(answer('audio/mpeg').response));
  await turns();
  call.end(END);
  expect(recorder.open()).toEqual([]);
});

test('beside an answer on its way everything else is ended at once', async () => {
  const stage = call.startSpan({ name: 'stage', stage: 'save' });
  const other = call.startTurn(2);
  void ask(answer());
  await turns();
  call.end(END);
  expect(recorder.open().sort()).toEqual(['chat m', 'voice.call', 'voice.turn']);
  expect(names()).toEqual(['voice.turn', 'stage']);
  stage.end();
  other.end('completed');
  expect(kit.startCall({ ...INFO, callSid: 'CA2' }).openSpans).toBe(1);
  kit.endAll('shutdown', 'interrupted');
  expect(recorder.open()).toEqual([]);
});

test('an answer that breaks off, or that its consumer lets go, holds the call no longer', async () => {
  const broken = answer();
  const text = (async () => await await ask(broken))();
  await turns();
  call.end(END);
  broken.breakOff();
  await expect(text).rejects.toThrow();
  await turns();
  expect(recorder.open()).toEqual([]);
  expect(names().at(-1)).toBe('voice.call');
});

test('a wrapped call that streams is waited for too, with what is wrapped around it', async () => {
  const late = answer();
  const read = kit.wrap({ name: 'outer', stage: 'retrieval', at: { callSid: 'CA1' } }, () =>
    kit.model({ name: 'chat m', stage: 'reply', provider: 'openai', model: 'm' }, async () =>
      (
        await createTracedFetch(async () => late.response, { callspan: kit })(CHAT, { method: 'POST', body: '{}' })
      ).text(),
    ),
  );
  const text = read();
  await turns();
  call.end(END);
  late.say(USAGE);
  late.finish();
  await text;
  await turns();
  expect(names()).toEqual(['chat m', 'outer', 'voice.call']);
  expect(recorder.spans().map((span) => span.attributes['error.type'])).toEqual([undefined, undefined, undefined]);
  expect(recorder.named('voice.call').attributes['voice.call.cost.known']).toBe(true);
});

test.each(['endAll', 'shutdownTelemetry'] as const)('a process that ends (%s) does not wait', async (how) => {
  void ask(answer());
  await turns();
  call.end(END);
  expect(recorder.open()).toHaveLength(3);
  if (how === 'endAll') kit.endAll('shutdown', 'interrupted');
  else await shutdownTelemetry();
  expect(recorder.open()).toEqual([]);
  call = kit.startCall({ ...INFO, callSid: 'CA2' });
  void ask(answer());
  await turns();
  call.end({ ...END, reason: 'shutdown' });
  expect(recorder.open()).toEqual([]);
});

test('a request that waits for its next attempt when the call ends failed of what its last one did, and then', async () => {
  const turn = call.startTurn(1);
  const init = { method: 'POST', body: '{"model":"m"}', headers: { 'x-stainless-retry-count': '0' } };
  const refuse = async () => new Response('', { status: 429, headers: { 'retry-after': '5' } });
  const response = await context.with(turn.context, () => createTracedFetch(refuse, { callspan: kit })(CHAT, init));
  await response.body?.cancel();
  const refusedAtMs = call.clock.now();
  call.end({ ...END, endedAtMs: refusedAtMs + 60_000 });
  const span = recorder.named('chat m');
  expect(span.attributes).toMatchObject({ 'error.type': 'rate_limit', 'http.response.status_code': 429 });
  expect(span.endTime[0] * 1000 + span.endTime[1] / 1e6).toBeLessThan(call.clock.wallTimeOf(refusedAtMs) + 100);
  expect(recorder.named('voice.call').attributes['voice.call.cost.known']).toBe(true);
  expect(recorder.open()).toEqual([]);
  jest.advanceTimersByTime(60_000);
  expect(names()).toHaveLength(3);
});

test('a request whose next attempt is under way when the call ends is cancelled, not failed of the one before', async () => {
  const turn = call.startTurn(1);
  const attempt = (count: number, fetchThrough: () => Promise<Response>) =>
    context.with(turn.context, () =>
      shared.fetch(fetchThrough)(CHAT, {
        method: 'POST',
        body: '{"model":"m"}',
        headers: { 'x-stainless-retry-count': String(count) },
      }),
    );
  const shared = sharedFetch();
  const response = await attempt(0, async () => new Response('', { status: 503 }));
  await response.body?.cancel();
  void attempt(1, () => new Promise(() => undefined));
  call.end(END);
  expect(recorder.named('chat m').attributes['error.type']).toBe('cancelled');
});

/** One traced fetch whose answers change. */
function sharedFetch() {
  let current: () => Promise<Response> = async () => new Response('');
  const traced = createTracedFetch(() => current(), { callspan: kit });
  return {
    fetch(next: () => Promise<Response>) {
      current = next;
      return traced;
    },
  };
}
