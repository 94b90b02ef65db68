import {
  createCallspan,
  createTracedFetch,
  type Fetch,
  type Measure,
  replyStage,
  toolStage,
} from '../../../otel/src/index.ts';
import { createProblems } from '../../../otel/src/logs/problems.ts';
import { createMeasures } from '../../../otel/src/measures/measures.ts';
import { createRedactor } from '../../../otel/src/redaction/redactor.ts';
import { inBlock } from '../../fixtures/decorator/in-block.ts';
import { type MetricRecorder, startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

let recorder: SpanRecorder;
let metrics: MetricRecorder;
let heard: Measure[];
let kit: ReturnType<typeof createCallspan>;
beforeEach(() => {
  recorder = startSpanRecorder();
  metrics = startMetricRecorder();
  heard = [];
  const measureListeners = [(measure: Measure) => void heard.push(measure)];
  kit = createCallspan({ tracer: recorder.tracer, meter: metrics.meter, carrier: false, measureListeners });
});
afterEach(async () => {
  await recorder.close();
  await metrics.close();
});

const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const LOOK_UP = toolStage({ name: 'find_customer', provider: 'crm' });

function fail(code: string): never {
  throw Object.assign(new Error(`Jean Dupont said ${code}`), { code });
}

test('an execution is measured alike in a call and outside of one, wrapped, decorated, in a block, as a model call', async () => {
  const call = kit.startCall(INFO);
  call.startTurn(3);
  for (const at of [{ callSid: 'CA1', turnIndex: 3 }, undefined]) {
    const place = at ? { at } : {};
    kit.wrap({ ...LOOK_UP, ...place }, () => 1)();
    inBlock(kit, { ...LOOK_UP, ...place }, () => 1);
    await kit.model({ ...replyStage({ provider: 'openai', model: 'm' }), ...place }, async () => 1);
    const { traceId } = recorder.spans().at(-1)?.spanContext() ?? {};
    const known = at ? { callSid: 'CA1', streamSid: 'MZ1', turnIndex: 3, traceId: call.traceId } : {};
    expect(heard.splice(0)).toEqual(
      [
        { stage: 'save', name: 'execute_tool find_customer', provider: 'crm' },
        { stage: 'save', name: 'execute_tool find_customer', provider: 'crm' },
        { stage: 'reply', name: 'chat m', provider: 'openai', model: 'm', traceId },
      ].map((expected) => ({
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
        ...expected,
        ...known,
        status: 'success',
        durationMs: expect.any(Number),
        timestampMs: expect.any(Number),
      })),
    );
  }
  expect(kit.statistics.byProvider().map(({ stage, provider, count }) => [stage, provider, count])).toEqual([
    ['save', 'crm', 4],
    ['reply', 'openai', 2],
  ]);
});

test('a measure has the duration of its span, and when it ended on the wall clock, also where it is back-dated', () => {
  const call = kit.startCall(INFO);
  const nowMs = call.clock.now();
  call.startSpan({ name: 'save', stage: 'save', startedAtMs: nowMs - 900 }).end(nowMs - 400);
  expect(heard[0]?.durationMs).toBeCloseTo(500, 6);
  expect(Math.abs((heard[0]?.timestampMs ?? 0) - (call.clock.wallTimeOf(nowMs) - 400))).toBeLessThan(5);
});

test('a failure has its closed kind, a timeout and an end by the caller their own status; none its own words', () => {
  for (const code of ['api', 'timeout', 'cancelled', 'ESOMETHING']) {
    expect(() => kit.wrap(LOOK_UP, () => fail(code))()).toThrow();
  }
  expect(heard.map(({ status, errorType }) => [status, errorType])).toEqual([
    ['error', 'api'],
    ['timeout', 'timeout'],
    ['success', 'cancelled'],
    ['error', 'internal'],
  ]);
  expect(JSON.stringify(heard)).not.toContain('Dupont');
  expect(kit.statistics.byStage()).toMatchObject([
    { count: 4, errors: 2, timeouts: 1, cancelled: 1, errorShare: 0.75 },
  ]);
});

test('failed stages outside of calls count as errors, wrapped or asked by the fetch alone, as those of a call do', async () => {
  expect(() => kit.wrap(LOOK_UP, () => fail('api'))()).toThrow();
  expect(() => kit.wrap(LOOK_UP, () => fail('cancelled'))()).toThrow();
  const call = kit.startCall(INFO);
  expect(() => kit.wrap({ ...LOOK_UP, at: { callSid: 'CA1' } }, () => fail('api'))()).toThrow();
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  const refuse: Fetch = async () => new Response('no', { status: 429 });
  const response = await createTracedFetch(refuse, { callspan: kit })('https://api.openai.com/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify({ model: 'm' }),
  });
  await response.text();
  const errors = (await metrics.points('voice.errors')).filter((point) => point.value > 0);
  expect(errors.map(({ labels, value }) => [labels['error.type'], value])).toEqual([
    ['api', 2],
    ['rate_limit', 1],
  ]);
  expect(heard.at(-1)).toMatchObject({ stage: 'reply', status: 'error', errorType: 'rate_limit', provider: 'openai' });
});

test('a listener that throws, or whose promise fails, is reported, and the others hear all the same', async () => {
  const problems = createProblems(() => undefined);
  const listeners = [
    () => fail('api'),
    async () => fail('api'),
    (measure: Measure) => {
      (measure as { stage: string }).stage = 'mine';
    },
    (measure: Measure) => void heard.push(measure),
  ];
  const measures = createMeasures({ problems, listeners });
  measures.observe().stageEnding?.(stageFor(), performance.now(), undefined);
  await Promise.resolve();
  expect(heard.map((measure) => measure.stage)).toEqual(['save']);
  expect(problems.count('measure_listener_failed')).toBe(3);
});

function stageFor() {
  const call = kit.startCall(INFO);
  const { span, context } = call.startSpan({ name: 'save' });
  const known = { turnIndex: undefined, provider: undefined, model: undefined, startedAtMs: 0 };
  return { name: 'save', stage: 'save' as const, span, context, ...known };
}

test('what an error says is kept only where it may be', () => {
  const problems = createProblems(() => undefined);
  const listeners = [(measure: Measure) => void heard.push(measure)];
  const measures = createMeasures({ problems, listeners, redactor: createRedactor({ level: 'full' }) });
  measures.observe().stageEnding?.(stageFor(), 5, 'api', new Error('words'));
  measures.observe().stageEnding?.(stageFor(), 5, undefined);
  const hostile = Object.defineProperty({}, 'message', {
    get() {
      throw new Error('hostile');
    },
  });
  measures.observe().stageEnding?.(stageFor(), 5, 'api', hostile);
  const masked = createMeasures({ problems, listeners, redactor: createRedactor({ level: 'masked' }) });
  masked.observe().stageEnding?.(stageFor(), 5, 'api', new Error('words'));
  expect(heard.map((measure) => measure.errorMessage)).toEqual(['words', undefined, undefined, undefined]);
});

test('names and ids hold what those of a span do: nothing personal', () => {
  const redactor = createRedactor({ level: 'masked' });
  const listeners = [(measure: Measure) => void heard.push(measure)];
  const measures = createMeasures({ problems: createProblems(() => undefined), listeners, redactor });
  const planted = 'jean.dupont@example.com';
  const stage = { ...stageFor(), name: `look up ${planted}` };
  measures.observe({ callSid: planted, streamSid: `MZ ${planted}` }).stageEnding?.(stage, 5, undefined);
  expect(JSON.stringify(heard)).not.toContain('dupont');
  expect(heard[0]?.name).toMatch(/^look up </);
});

test('names without end are cut and not kept for ever', () => {
  for (let index = 0; index < 2000; index += 1)
    kit.wrap({ name: `n${index} ${'x'.repeat(5000)}`, stage: 'save' }, () => 1)();
  expect(kit.statistics.recent(2000).map((measure) => measure.name.slice(0, 6))).toHaveLength(2000);
  expect(new Set(kit.statistics.recent(2000).map((measure) => measure.name.length))).toEqual(new Set([256]));
  expect(kit.statistics.byStage()).toMatchObject([{ stage: 'save', count: 2000 }]);
});
