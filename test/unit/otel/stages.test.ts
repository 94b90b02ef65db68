import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  type Callspan,
  createCallspan,
  createTracedFetch,
  extractionStage,
  type MeasuredStage,
  replyStage,
  retrievalStage,
  synthesisStage,
  toolStage,
  transcriptionStage,
} from '../../../otel/src/index.ts';
import { inAsyncBlock, inBlock } from '../../fixtures/decorator/in-block.ts';
import { type MetricRecorder, startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const END = { reason: 'bot_hangup', outcome: 'saved' } as const;
const WORK: MeasuredStage = { name: 'work', stage: 'save' };
const MODEL = { provider: 'openai', model: 'gpt-6-luna' };

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

test('a wrapped function passes its arguments, its this and its result, and stays synchronous', () => {
  const result = { saved: true };
  const seen: unknown[] = [];
  function save(this: unknown, ...args: unknown[]) {
    seen.push(this, ...args);
    return result;
  }
  const crm = { save: callspan.wrap(WORK, save) };
  const { signal } = new AbortController();
  expect(crm.save('Jean', signal)).toBe(result);
  expect(seen[0]).toBe(crm);
  expect(seen[2]).toBe(signal);
  expect(crm.save.name).toBe('save');
  expect(recorder.named('work').attributes['voice.stage']).toBe('save');
});

test('a wrapped function passes its own error on and its span has the kind of it', async () => {
  const failure = Object.assign(new Error('full'), { code: 'rate_limit' });
  const fail = () => {
    throw failure;
  };
  expect(callspan.wrap(WORK, fail)).toThrow(failure);
  await expect(callspan.wrap({ name: 'later' }, async () => fail())()).rejects.toBe(failure);
  for (const name of ['work', 'later']) {
    expect(recorder.named(name).attributes['error.type']).toBe('rate_limit');
    expect(recorder.named(name).status.code).toBe(SpanStatusCode.ERROR);
  }
});

test('work whose signal was aborted is cancelled, not failed', async () => {
  const controller = new AbortController();
  const work = callspan.wrap(
    WORK,
    (signal: AbortSignal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  const done = work(controller.signal);
  controller.abort();
  await expect(done).rejects.toBe(controller.signal.reason);
  expect(recorder.named('work').attributes['error.type']).toBe('cancelled');
  expect(recorder.named('work').status.code).toBe(SpanStatusCode.UNSET);
});

test('the stage can be told from the arguments, and lies where its call and turn are said to be', () => {
  const call = callspan.startCall(INFO);
  const turn = call.startTurn(2);
  const find = (callSid: string, name: string) => `${callSid} ${name}`;
  const measured = callspan.wrap((callSid, name) => toolStage({ name, at: { callSid, turnIndex: 2 } }), find);
  expect(measured('CA1', 'find_customer')).toBe('CA1 find_customer');
  const span = recorder.named('execute_tool find_customer');
  expect(span.parentSpanContext?.spanId).toBe(trace.getSpan(turn.context)?.spanContext().spanId);
  expect(span.attributes).toMatchObject({ 'gen_ai.conversation.id': 'CA1', 'voice.turn.index': 2 });
  call.end(END);
});

test('without a place a stage belongs to the call and turn of the active context, and measures nest', async () => {
  const call = callspan.startCall(INFO);
  const turn = call.startTurn(1);
  const inner = callspan.wrap({ name: 'inner', at: { callSid: 'CA1', turnIndex: 1 } }, async () => 1);
  const outer = callspan.wrap({ name: 'outer' }, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return inner();
  });
  await context.with(turn.context, () => outer());
  call.end(END);
  expect(recorder.named('inner').parentSpanContext?.spanId).toBe(recorder.named('outer').spanContext().spanId);
  expect(recorder.named('outer').parentSpanContext?.spanId).toBe(recorder.named('voice.turn').spanContext().spanId);
  expect(recorder.named('inner').attributes['voice.turn.index']).toBe(1);
});

test('outside of every call a stage is a span of its own; of an unknown call it still carries the id', () => {
  callspan.wrap({ name: 'alone' }, () => 1)();
  callspan.wrap({ name: 'elsewhere', at: { callSid: 'CA9', turnIndex: 3 } }, () => 1)();
  expect(recorder.named('alone').parentSpanContext).toBeUndefined();
  expect(recorder.named('alone').attributes['gen_ai.conversation.id']).toBeUndefined();
  expect(recorder.named('elsewhere').attributes).toMatchObject({
    'gen_ai.conversation.id': 'CA9',
    'voice.turn.index': 3,
  });
});

test('calls that go on at the same time never mix their measures', async () => {
  const calls = Array.from({ length: 8 }, (_, index) => callspan.startCall({ ...INFO, callSid: `CA${index}` }));
  const step = callspan.wrap({ name: 'step' }, async (ticks: number) => {
    for (let tick = 0; tick < ticks; tick += 1) await new Promise((resolve) => setImmediate(resolve));
  });
  const all = callspan.wrap({ name: 'all' }, async (ticks: number) => {
    await step(ticks);
    await step(3);
  });
  await Promise.all(calls.map((call, index) => context.with(call.startTurn(index).context, () => all(7 - index))));
  for (const call of calls) call.end(END);
  const spans = recorder.spans();
  const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]));
  const steps = spans.filter((span) => span.name === 'step');
  expect(steps).toHaveLength(16);
  for (const span of steps) {
    const parent = byId.get(span.parentSpanContext?.spanId ?? '');
    expect(parent?.name).toBe('all');
    expect(parent?.attributes['gen_ai.conversation.id']).toBe(span.attributes['gen_ai.conversation.id']);
    expect(`CA${String(span.attributes['voice.turn.index'])}`).toBe(span.attributes['gen_ai.conversation.id']);
  }
});

test('a stage that cannot be told costs the measure, never the work', () => {
  const untold = callspan.wrap(
    () => {
      throw new Error('no name');
    },
    (value: number) => value + 1,
  );
  expect(untold(1)).toBe(2);
  expect(recorder.spans()).toEqual([]);
  expect(callspan.tools.problems.count('stage_not_told')).toBe(1);
});

test('a block ends its stage; what runs inside it is its child', () => {
  inBlock(callspan, { name: 'block', stage: 'retrieval' }, (stage) => {
    expect(trace.getSpan(context.active())).toBeUndefined();
    expect(stage.run(callspan.wrap({ name: 'inside' }, () => 5))).toBe(5);
    stage.setAttributes({ 'voice.retrieval.results': 3 });
    expect(recorder.open()).toEqual(['block']);
  });
  expect(recorder.named('inside').parentSpanContext?.spanId).toBe(recorder.named('block').spanContext().spanId);
  expect(recorder.named('block').attributes['voice.retrieval.results']).toBe(3);
  expect(recorder.named('block').status.code).toBe(SpanStatusCode.UNSET);
});

test('a block fails by what it was told, or by what its last run threw', async () => {
  const failure = Object.assign(new Error('gone'), { code: 'websocket' });
  inBlock(callspan, { name: 'told' }, (told) => told.fail(failure));
  const thrown = inAsyncBlock(callspan, { name: 'thrown' }, (stage) => stage.run(() => Promise.reject(failure)));
  await expect(thrown).rejects.toBe(failure);
  inBlock(callspan, { name: 'recovered' }, (recovered) => {
    const thrower = () => {
      throw failure;
    };
    expect(() => recovered.run(thrower)).toThrow(failure);
    recovered.run(() => 'second try');
  });
  expect(recorder.named('told').attributes['error.type']).toBe('websocket');
  expect(recorder.named('thrown').attributes['error.type']).toBe('websocket');
  expect(recorder.named('recovered').attributes['error.type']).toBeUndefined();
});

test.each<[MeasuredStage, string, SpanKind, Record<string, unknown>]>([
  [
    transcriptionStage({ ...MODEL, audioMs: 1200, language: 'fr' }),
    'speech_to_text gpt-6-luna',
    SpanKind.CLIENT,
    {
      'voice.stage': 'transcription',
      'gen_ai.operation.name': 'speech_to_text',
      'voice.stt.audio_ms': 1200,
      'gen_ai.speech.input.language': 'fr',
    },
  ],
  [
    replyStage(MODEL),
    'chat gpt-6-luna',
    SpanKind.CLIENT,
    { 'voice.stage': 'reply', 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai' },
  ],
  [
    extractionStage({ ...MODEL, schema: 'call_record' }),
    'chat gpt-6-luna',
    SpanKind.CLIENT,
    {
      'voice.stage': 'extraction',
      'gen_ai.operation.name': 'chat',
      'gen_ai.output.type': 'json',
      'voice.extraction.schema': 'call_record',
    },
  ],
  [
    synthesisStage({ ...MODEL, voice: 'alloy', characters: 40, cached: true }),
    'text_to_speech gpt-6-luna',
    SpanKind.CLIENT,
    {
      'voice.stage': 'synthesis',
      'gen_ai.operation.name': 'text_to_speech',
      'gen_ai.speech.voice': 'alloy',
      'voice.tts.characters': 40,
      'voice.tts.cached': true,
    },
  ],
  [
    retrievalStage({ source: 'opening_hours' }),
    'retrieval opening_hours',
    SpanKind.CLIENT,
    { 'voice.stage': 'retrieval', 'gen_ai.operation.name': 'retrieval', 'gen_ai.data_source.id': 'opening_hours' },
  ],
  [
    toolStage({ name: 'find_customer', provider: 'hubspot' }),
    'execute_tool find_customer',
    SpanKind.INTERNAL,
    {
      'voice.stage': 'save',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'find_customer',
      'gen_ai.provider.name': 'hubspot',
    },
  ],
])('the ready-made stage %# has the names of the conventions', (stage, name, kind, attributes) => {
  callspan.wrap(stage, () => 1)();
  const span = recorder.named(name);
  expect(span.kind).toBe(kind);
  expect(span.attributes).toMatchObject(attributes);
});

const ANSWER = JSON.stringify({
  model: 'gpt-6-luna-2026-10-01',
  choices: [{ message: { content: 'Bonjour' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 12, completion_tokens: 3 },
});

function askModel(): Promise<unknown> {
  const answer = async () => new Response(ANSWER, { headers: { 'content-type': 'application/json' } });
  const tracedFetch = createTracedFetch(answer, { callspan });
  const body = JSON.stringify({ model: MODEL.model });
  return tracedFetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body }).then((r) => r.json());
}

async function* askInPieces() {
  yield await askModel();
}

test.each<[string, (stage: MeasuredStage) => Promise<unknown>]>([
  ['model', (stage) => callspan.model(stage, askModel)],
  [
    'modelStream',
    async (stage) => {
      for await (const _ of callspan.modelStream(stage, askInPieces));
    },
  ],
  ['wrap', (stage) => callspan.wrap(stage, askModel)()],
  ['startStage', (stage) => inAsyncBlock(callspan, stage, (block) => block.run(askModel))],
])('a model asked inside %s writes its answer on the one span of the stage', async (_, measure) => {
  const call = callspan.startCall(INFO);
  call.startTurn(1);
  await measure(replyStage({ ...MODEL, at: { callSid: 'CA1', turnIndex: 1 } }));
  call.end(END);
  expect(recorder.named('chat gpt-6-luna').attributes).toMatchObject({
    'gen_ai.response.model': 'gpt-6-luna-2026-10-01',
    'gen_ai.usage.input_tokens': 12,
    'voice.turn.index': 1,
  });
});

test('a model asked outside of every call is measured too', async () => {
  await callspan.model(replyStage(MODEL), askModel);
  expect(recorder.named('chat gpt-6-luna').attributes['gen_ai.usage.output_tokens']).toBe(3);
  expect(await metrics.points('gen_ai.client.operation.duration')).toHaveLength(1);
});
