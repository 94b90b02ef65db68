import type { Attributes } from '@opentelemetry/api';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { watchLimits } from '../../../otel/src/call/limits.ts';
import { createOpenSpans } from '../../../otel/src/call/open-spans.ts';
import { createCallspan, type StageLimit } from '../../../otel/src/index.ts';
import { createInstruments } from '../../../otel/src/instruments.ts';
import type { KitRecord } from '../../../otel/src/logs/kit-log.ts';
import { type MetricRecorder, startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const { jest } = import.meta;
const LIMITS: StageLimit[] = [
  { stage: 'save', warningMs: 1000, criticalMs: 3000 },
  { stage: 'save', provider: 'hubspot', warningMs: 200, criticalMs: 500 },
];

let recorder: SpanRecorder;
let metrics: MetricRecorder;
let nowMs: number;
let lines: KitRecord[];

beforeEach(() => {
  recorder = startSpanRecorder();
  metrics = startMetricRecorder();
  nowMs = 5000;
  lines = [];
  jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate', 'nextTick', 'queueMicrotask'] });
});
afterEach(async () => {
  jest.useRealTimers();
  await recorder.close();
  await metrics.close();
});

/** Stages on a clock that moves when it is told to, watched against `limits`. */
function watch(limits: readonly StageLimit[] = LIMITS) {
  const instruments = createInstruments(metrics.meter);
  const observer = watchLimits({ limits, instruments, log: (line) => lines.push(line) }, () => nowMs);
  const clock = { now: () => nowMs, wallTimeOf: (ms: number) => 1_700_000_000_000 + ms };
  const open = createOpenSpans({ tracer: recorder.tracer, clock, tell: (telling) => telling(observer) });
  return {
    observer,
    start: (provider?: string) =>
      open.start({ name: 'work', stage: 'save', ...(provider ? { provider } : {}) }, ROOT_CONTEXT),
  };
}

function pass(ms: number): void {
  nowMs += ms;
  jest.advanceTimersByTime(ms);
}

/** The SDK collects with timers of its own. */
function pointsOf(name: string): ReturnType<MetricRecorder['points']> {
  jest.useRealTimers();
  return metrics.points(name);
}

const breaches = () => recorder.named('work').events.filter(({ name }) => name === 'voice.threshold.breached');

test.each<[number, string | undefined, number | undefined]>([
  [999.9, undefined, undefined],
  [1000, undefined, undefined],
  [1000.1, 'warning', 1000],
  [3000, 'warning', 1000],
  [3000.1, 'critical', 3000],
])('%s ms against 1000 and 3000 is a breach of level %s', async (tookMs, level, limitMs) => {
  const stage = watch().start();
  nowMs += tookMs;
  stage.end();
  expect(recorder.named('work').attributes['voice.threshold.level']).toBe(level);
  const facts = { 'threshold.id': 'save', 'threshold.level': level, 'threshold.limit_ms': limitMs };
  const expected = level ? [{ ...facts, 'threshold.value_ms': tookMs }] : [];
  expect(breaches().map(({ attributes }) => attributes)).toEqual(expected);
  expect(lines.map(({ event, severity }) => [event, severity])).toEqual(
    level ? [['voice.threshold.breached', 'warn']] : [],
  );
  const points = await pointsOf('voice.threshold.breaches');
  expect(points.map(({ labels, value }) => [labels, value])).toEqual(
    level ? [[{ threshold: 'save', level, stage: 'save' }, 1]] : [],
  );
});

test('a stage past its critical limit is reported while it runs, once, and not exactly at the limit', async () => {
  const stage = watch().start();
  pass(3000);
  expect(lines).toEqual([]);
  pass(1);
  expect(lines.map(({ event }) => event)).toEqual(['stage.stuck']);
  pass(60_000);
  expect(lines).toHaveLength(1);
  expect(recorder.open()).toEqual(['work']);
  expect(await pointsOf('voice.stage.stuck')).toMatchObject([{ labels: { stage: 'save' }, value: 1 }]);
  stage.end();
  const events = recorder.named('work').events.map(({ name }) => name);
  expect(events).toEqual(['stage.stuck', 'voice.threshold.breached']);
});

test('a timer that fires early does not report a stage that is not past its limit', () => {
  watch().start();
  jest.advanceTimersByTime(3500);
  expect(lines).toEqual([]);
  pass(3002);
  expect(lines.map(({ event }) => event)).toEqual(['stage.stuck']);
});

test('a stage that has ended is never reported as stuck', () => {
  const stage = watch().start();
  pass(500);
  stage.end();
  pass(10_000);
  expect(lines).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

test('a limit longer than a timer can wait reports nothing while it runs', () => {
  watch([{ stage: 'save', warningMs: 1, criticalMs: 3_000_000_000 }]).start();
  pass(10);
  expect(lines).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

test.each<[string | undefined, string]>([
  ['hubspot', 'save.hubspot'],
  ['salesforce', 'save'],
  [undefined, 'save'],
])('the row of provider %s is %s', (provider, id) => {
  const { start, observer } = watch();
  const stage = start(provider);
  nowMs += 3500;
  stage.end();
  expect(breaches()[0]?.attributes?.['threshold.id']).toBe(id);
  expect([observer.warnings, observer.criticals]).toEqual([0, 1]);
});

test('a provider that is told as an attribute has its own row too', () => {
  const limits = [{ stage: 'save', provider: 'hubspot', warningMs: 1, criticalMs: 100_000 } as const];
  const call = createCallspan({ tracer: recorder.tracer, limits }).startCall({
    callSid: 'CA1',
    streamSid: 'MZ1',
    accountSid: 'AC1',
  });
  const attributes: Attributes = { 'gen_ai.provider.name': 'hubspot' };
  const span = call.startSpan({ name: 'work', stage: 'save', attributes });
  span.end(call.clock.now() + 50);
  call.end({ reason: 'bot_hangup', outcome: 'saved' });
  expect(recorder.named('work').attributes['voice.threshold.level']).toBe('warning');
});

test('a call carries the sums of its breaches, also of stages that its end closes', () => {
  const limits = [{ stage: 'save', warningMs: 1, criticalMs: 100_000 } as const];
  const call = createCallspan({ tracer: recorder.tracer, limits }).startCall({
    callSid: 'CA1',
    streamSid: 'MZ1',
    accountSid: 'AC1',
  });
  call.startSpan({ name: 'first', stage: 'save' }).end(call.clock.now() + 10);
  call.startSpan({ name: 'open', stage: 'save', startedAtMs: call.clock.now() - 10 });
  call.end({ reason: 'bot_hangup', outcome: 'saved' });
  expect(recorder.named('voice.call').attributes).toMatchObject({
    'voice.call.breaches.warning': 2,
    'voice.call.breaches.critical': 0,
  });
});

test.each<[unknown, string]>([
  ['1000', 'limits is "1000"; expected a list of { stage, provider?, warningMs, criticalMs }'],
  [[null], 'limits[0] is null; expected { stage, provider?, warningMs, criticalMs }'],
  [[{ ...LIMITS[0], stage: 'speech' }], 'limits[0].stage is "speech"; expected one of setup, response_gap'],
  [[{ ...LIMITS[0], provider: 7 }], 'limits[0].provider is 7; expected the name of a provider, or nothing'],
  [[LIMITS[0], { ...LIMITS[1], warningMs: '1 s' }], 'limits[1].warningMs is "1 s"; expected milliseconds above 0'],
  [[{ ...LIMITS[0], criticalMs: Number.NaN }], 'limits[0].criticalMs is NaN; expected milliseconds above 0'],
  [[{ ...LIMITS[0], warningMs: 0 }], 'limits[0].warningMs is 0; expected milliseconds above 0'],
  [[{ ...LIMITS[0], warningMs: 4000 }], 'limits[0].warningMs is 4000; expected at most criticalMs, 3000'],
  [[LIMITS[0], LIMITS[0]], 'limits[1] is {"stage":"save"}; expected one row for each stage and provider'],
])('wrong limits %j stop the start with name, value and what is expected', (limits, message) => {
  expect(() => createCallspan({ limits: limits as StageLimit[] })).toThrow(TypeError);
  expect(() => createCallspan({ limits: limits as StageLimit[] })).toThrow(message);
});
