import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createCostLedger } from '../../../otel/src/cost/ledger.ts';
import { createPriceList } from '../../../otel/src/cost/price-list.ts';
import {
  type CallspanOptions,
  type CallTrace,
  createCallspan,
  createTracedFetch,
  type SpanRequest,
} from '../../../otel/src/index.ts';
import { createInstruments } from '../../../otel/src/instruments.ts';
import { type MetricRecorder, startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

let recorder: SpanRecorder;
let metrics: MetricRecorder;
beforeEach(() => {
  recorder = startSpanRecorder();
  metrics = startMetricRecorder();
});
afterEach(async () => {
  await recorder.close();
  await metrics.close();
});

const FILE = JSON.parse(readFileSync('otel/prices.json', 'utf8')) as {
  models: Record<string, Record<string, number>>;
  carrier: Record<string, { perMinute: number }>;
};
const LUNA = FILE.models['openai/gpt-6-luna']!;
const TRANSCRIBE = FILE.models['openai/gpt-transcribe']!;
const SPEECH = { 'openai/tts-test': { component: 'tts', perMillionCharacters: 15 } } as const;

const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const MODELS = {
  transcription: { operation: 'speech_to_text', model: 'gpt-transcribe' },
  reply: { operation: 'chat', model: 'gpt-6-luna' },
  extraction: { operation: 'chat', model: 'gpt-6-luna' },
  synthesis: { operation: 'text_to_speech', model: 'tts-test' },
} as const;

function startCall(options: CallspanOptions = {}): CallTrace {
  const callspan = createCallspan({
    tracer: recorder.tracer,
    meter: metrics.meter,
    prices: { models: SPEECH },
    carrier: 'twilio/us-local',
    ...options,
  });
  return callspan.startCall(INFO);
}

/** Runs a wrapped model call that is answered with `answer`. */
async function ask(call: CallTrace, stage: keyof typeof MODELS, answer: object, extra: Partial<SpanRequest> = {}) {
  const { operation, model } = MODELS[stage];
  const request = { name: `${operation} ${model}`, stage, provider: 'openai', model, ...extra };
  const answered = async () => Response.json(answer);
  await call.runModel(request, undefined, async () => {
    await (await createTracedFetch(answered)('http://127.0.0.1/v1/x', { method: 'POST' })).text();
  });
}

const end = (call: CallTrace, minutes: number) =>
  call.end({ reason: 'caller_hangup', outcome: 'saved', endedAtMs: call.startedAtMs + minutes * 60_000 });
const chat = (prompt: number, cached: number, completion: number, model = 'gpt-6-luna') => ({
  model,
  usage: { prompt_tokens: prompt, completion_tokens: completion, prompt_tokens_details: { cached_tokens: cached } },
});
const heard = (seconds: number) => ({ text: 'Bonjour', usage: { type: 'duration', seconds } });
const spoken = (characters: number) => ({ attributes: { 'voice.tts.characters': characters } });
const callSpan = () => recorder.named('voice.call').attributes;

test('three calls cost what the prices file says, by component, model and use', async () => {
  const first = startCall();
  await ask(first, 'transcription', heard(4));
  await ask(first, 'reply', chat(1000, 0, 40));
  await ask(first, 'synthesis', {}, spoken(120));
  end(first, 1);
  const stt = (4 / 60) * TRANSCRIBE.perMinute!;
  const llm = (1000 * LUNA.inputPerMillion! + 40 * LUNA.outputPerMillion!) / 1e6;
  const tts = (120 * 15) / 1e6;
  const carrier = FILE.carrier['twilio/us-local/inbound']!.perMinute;
  expect(callSpan()['voice.call.cost.stt.usd']).toBeCloseTo(stt, 9);
  expect(callSpan()['voice.call.cost.llm.usd']).toBeCloseTo(llm, 9);
  expect(callSpan()['voice.call.cost.tts.usd']).toBeCloseTo(tts, 9);
  expect(callSpan()['voice.call.cost.carrier.usd']).toBeCloseTo(carrier, 9);
  expect(callSpan()['voice.call.cost.usd']).toBeCloseTo(stt + llm + tts + carrier, 9);
  expect(callSpan()['voice.call.cost.known']).toBe(true);
  // By hand, so that a slip of the units in the code above cannot pass: 0.0003 + 0.00012 + 0.0018 + 0.0085.
  expect(callSpan()['voice.call.cost.usd']).toBe(0.01072);

  const second = startCall();
  await ask(second, 'transcription', heard(3));
  await ask(second, 'transcription', heard(6));
  await ask(second, 'reply', chat(2000, 1500, 100));
  await ask(second, 'extraction', chat(3000, 0, 200));
  end(second, 2.2);
  const [, calls] = recorder.spans().filter((span) => span.name === 'voice.call');
  // 9 s = 0.000675; reply 500 + 1500 cached + 100 out = 0.000115; extraction 0.0004; three started minutes 0.0255.
  expect(calls?.attributes).toMatchObject({
    'voice.call.cost.stt.usd': 0.000675,
    'voice.call.cost.llm.usd': 0.000515,
    'voice.call.cost.tts.usd': 0,
    'voice.call.cost.carrier.usd': 0.0255,
    'voice.call.cost.usd': 0.02669,
  });

  const third = startCall({ carrier: false });
  await ask(third, 'reply', chat(0, 0, 0));
  end(third, 9);
  expect(recorder.spans().at(-1)?.attributes).toMatchObject({
    'voice.call.cost.usd': 0,
    'voice.call.cost.known': true,
  });

  const byUse = (await metrics.points('voice.cost')).map(({ labels, value }) => [
    labels.component,
    labels['gen_ai.request.model'],
    labels['voice.stage'],
    Math.round(value * 1e9) / 1e9,
  ]);
  expect(byUse).toEqual(
    expect.arrayContaining([
      ['stt', 'gpt-transcribe', 'transcription', 0.000975],
      ['llm', 'gpt-6-luna', 'reply', 0.000235],
      ['llm', 'gpt-6-luna', 'extraction', 0.0004],
      ['tts', 'tts-test', 'synthesis', 0.0018],
      ['carrier', 'twilio/us-local', 'none', 0.034],
    ]),
  );
  expect(byUse).toHaveLength(5);
  expect(await metrics.points('voice.call.cost')).toMatchObject([{ count: 3 }]);
});

test('each model span carries its own cost', async () => {
  const call = startCall();
  await ask(call, 'reply', chat(1000, 400, 10));
  end(call, 1);
  // 600 x 0.10 + 400 x 0.01 + 10 x 0.50 per million: cached tokens are priced once, at their own price.
  expect(recorder.named('chat gpt-6-luna').attributes['voice.cost.usd']).toBe(0.000069);
});

test('a model without a price makes the cost unknown, and the sums a lower bound', async () => {
  const call = startCall();
  await ask(call, 'reply', chat(1000, 0, 0));
  await ask(call, 'extraction', chat(1000, 0, 0, 'gpt-7-nova'), { name: 'unpriced' });
  end(call, 1);
  expect(recorder.named('unpriced').attributes['voice.cost.usd']).toBeUndefined();
  expect(callSpan()).toMatchObject({ 'voice.call.cost.llm.usd': 0.0001, 'voice.call.cost.known': false });
  expect(await metrics.points('voice.call.cost')).toEqual([]);
});

test('an answer that tells no usage makes the cost unknown', async () => {
  const call = startCall();
  await ask(call, 'reply', { model: 'gpt-6-luna' });
  end(call, 1);
  expect(callSpan()['voice.call.cost.known']).toBe(false);
});

test('a carrier without a price makes the cost unknown; without a carrier there is nothing to know', () => {
  end(startCall({ carrier: 'twilio' }), 1);
  end(startCall({ carrier: false }), 1);
  const calls = recorder.spans().map((span) => span.attributes['voice.call.cost.known']);
  expect(calls).toEqual([false, true]);
});

test('a refused attempt costs nothing, a retried one is paid once', async () => {
  const call = startCall();
  let requests = 0;
  const fetchThrough = createTracedFetch(async () => {
    requests += 1;
    return Response.json(chat(1000, 0, 0), { status: requests === 1 ? 429 : 200 });
  });
  const request = { name: 'chat', stage: 'reply', provider: 'openai', model: 'gpt-6-luna' } as const;
  await call.runModel(request, undefined, async () => {
    await (await fetchThrough('http://127.0.0.1/v1/x')).text();
    await (await fetchThrough('http://127.0.0.1/v1/x')).text();
  });
  end(call, 1);
  expect(recorder.named('chat').attributes['voice.cost.usd']).toBe(0.0001);
  expect(callSpan()['voice.call.cost.known']).toBe(true);
});

test('two answered requests of one model call are both paid and their tokens summed', async () => {
  const call = startCall();
  const fetchThrough = createTracedFetch(async () => Response.json(chat(1000, 0, 10)));
  const request = { name: 'chat', stage: 'extraction', provider: 'openai', model: 'gpt-6-luna' } as const;
  await call.runModel(request, undefined, async () => {
    await (await fetchThrough('http://127.0.0.1/v1/x')).text();
    await (await fetchThrough('http://127.0.0.1/v1/x')).text();
  });
  const { attributes } = recorder.named('chat');
  expect(attributes['gen_ai.usage.input_tokens']).toBe(2000);
  expect(attributes['voice.cost.usd']).toBe(0.00021);
});

test('a request that was cut off before its answer makes the cost unknown, one that never left does not', async () => {
  const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
  const cut = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNRESET' } });
  for (const failure of [refused, cut]) {
    const call = startCall();
    const fetchThrough = createTracedFetch(() => Promise.reject(failure));
    const request = { name: 'chat', stage: 'reply', provider: 'openai', model: 'gpt-6-luna' } as const;
    await call.runModel(request, undefined, () => fetchThrough('http://127.0.0.1/v1/x')).catch(() => undefined);
    end(call, 1);
  }
  const calls = recorder.spans().filter((span) => span.name === 'voice.call');
  expect(calls.map((span) => span.attributes['voice.call.cost.known'])).toEqual([true, false]);
});

test('speech from the own store costs nothing', async () => {
  const call = startCall();
  const request = { name: 'cached', stage: 'synthesis', provider: 'openai', model: 'tts-test' } as const;
  await call.runModel({ ...request, ...spoken(100) }, undefined, async ({ span }) => {
    span.setAttribute('voice.tts.cached', true);
  });
  end(call, 1);
  expect(callSpan()).toMatchObject({ 'voice.call.cost.tts.usd': 0, 'voice.call.cost.known': true });
});

test('a model call that is still running when the call ends is counted before the totals are written', () => {
  const call = startCall();
  const request = { name: 'hanging', stage: 'reply', provider: 'openai', model: 'gpt-6-luna' } as const;
  const hanging = createTracedFetch(() => new Promise(() => undefined));
  void call.runModel(request, undefined, () => hanging('http://127.0.0.1/v1/x'));
  const speech = { name: 'speech', stage: 'synthesis', provider: 'openai', model: 'tts-test', ...spoken(50) } as const;
  void call.runModel(speech, undefined, () => hanging('http://127.0.0.1/v1/x'));
  end(call, 1);
  expect(recorder.named('hanging').attributes['error.type']).toBe('cancelled');
  // Nobody told whether the words were spoken, and so paid.
  expect(callSpan()).toMatchObject({ 'voice.call.cost.tts.usd': 0, 'voice.call.cost.known': false });
});

test('audio and cached audio tokens have their own prices', () => {
  const tools = { prices: createPriceList(), instruments: createInstruments(), carrier: false } as const;
  const ledger = createCostLedger(tools);
  const usage = {
    inputTokens: 1000,
    audioInputTokens: 600,
    cachedTokens: 300,
    cachedAudioTokens: 200,
    outputTokens: 500,
    audioOutputTokens: 400,
  };
  const usd = ledger.record({ provider: 'openai', model: 'gpt-realtime-2.1-mini', stage: 'synthesis', usage });
  // text 300 x 0.6 + 100 cached x 0.06, audio 400 x 10 + 200 cached x 0.3, out 100 x 2.4 + 400 x 20, per million
  expect(usd).toBe(0.012486);
  ledger.record({ provider: 'openai', model: 'gpt-realtime-2.1-mini', stage: 'reply', usage });
  expect(ledger.lines).toEqual([
    { component: 'tts', model: 'gpt-realtime-2.1-mini', stage: 'synthesis', usd: 0.012486 },
    { component: 'llm', model: 'gpt-realtime-2.1-mini', stage: 'reply', usd: 0.012486 },
  ]);
});

test('sums do not depend on the order in which parts come', () => {
  const entry = fc.record({
    input: fc.nat(100_000),
    cached: fc.nat(100_000),
    output: fc.nat(10_000),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 30 }), (entries) => {
      const total = (list: typeof entries) => {
        const ledger = createCostLedger({
          prices: createPriceList(),
          instruments: createInstruments(),
          carrier: false,
        });
        for (const { input, cached, output } of list) {
          const usage = { inputTokens: input, cachedTokens: Math.min(cached, input), outputTokens: output };
          ledger.record({ provider: 'openai', model: 'gpt-6-luna', stage: 'reply', usage });
        }
        return ledger.close(0)['voice.call.cost.usd'];
      };
      expect(total([...entries].reverse())).toBe(total(entries));
    }),
  );
});
