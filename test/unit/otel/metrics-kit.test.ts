import { EventEmitter } from 'node:events';
import { metrics as globals, SeverityNumber } from '@opentelemetry/api';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { Metric } from '../../../otel/src/conventions/index.ts';
import { createCallspan } from '../../../otel/src/index.ts';
import { createInstruments } from '../../../otel/src/instruments.ts';
import type { KitRecord } from '../../../otel/src/logs/kit-log.ts';
import { createDependencies } from '../../../otel/src/metrics/dependencies.ts';
import { observeEventLoop } from '../../../otel/src/metrics/event-loop.ts';
import { createLogCounter } from '../../../otel/src/metrics/log-counter.ts';
import { countSocket } from '../../../otel/src/metrics/open-sockets.ts';
import { type MetricRecorder, startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const { jest } = import.meta;
const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };

let metrics: MetricRecorder;
let spans: SpanRecorder;
beforeEach(() => {
  metrics = startMetricRecorder();
  spans = startSpanRecorder({ blockedLoop: true });
});
afterEach(async () => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  await metrics.close();
  await spans.close();
});

const labelsOf = async (name: string) => (await metrics.allPoints(name)).map(({ labels }) => labels);

describe('before anything has happened', () => {
  const limits = [
    { stage: 'save', warningMs: 1000, criticalMs: 3000 },
    { stage: 'reply', provider: 'openai', warningMs: 1, criticalMs: 2 },
  ] as const;
  beforeEach(() => void createCallspan({ tracer: spans.tracer, meter: metrics.meter, limits }));

  test.each([
    ['voice.turn.count', 24],
    ['voice.turn.unmeasured', 6],
    ['voice.call.rejected', 8],
    ['voice.extraction.count', 3],
    ['voice.save.count', 4],
    ['voice.errors', 8],
    ['voice.mark.missed', 1],
    ['voice.call.active', 1],
  ])('%s stands at 0 for each set of its closed labels', async (name, sets) => {
    const points = await metrics.allPoints(name);
    expect(points.map(({ value }) => value)).toEqual(Array(sets).fill(0));
  });

  test('breaches and stuck stages stand at 0 for each limit that is configured', async () => {
    expect(await labelsOf('voice.threshold.breaches')).toEqual(
      expect.arrayContaining([
        { threshold: 'save', level: 'critical', stage: 'save' },
        { threshold: 'reply.openai', level: 'warning', stage: 'reply' },
        { threshold: 'event_loop.blocked', level: 'critical', stage: 'none' },
      ]),
    );
    expect(await labelsOf('voice.threshold.breaches')).toHaveLength(6);
    expect(await labelsOf('voice.stage.stuck')).toEqual([{ stage: 'save' }, { stage: 'reply' }]);
  });
});

test('an instrument that was asked for before there is an SDK is made when there is one', async () => {
  const instruments = createInstruments();
  instruments.record(Metric.saveCount, 1, { outcome: 'saved' });
  const provider = { getMeter: () => metrics.meter };
  globals.setGlobalMeterProvider(provider);
  instruments.record(Metric.saveCount, 1, { outcome: 'saved' });
  globals.disable();
  expect(await metrics.points('voice.save.count')).toEqual([{ labels: { outcome: 'saved' }, value: 1 }]);
});

describe('a dependency', () => {
  const lines: KitRecord[] = [];
  beforeEach(() => void lines.splice(0));
  const create = () => createDependencies(createInstruments(metrics.meter), (line) => lines.push(line));

  test('is down after a request that got no answer, up after the next that did, and each change is told once', async () => {
    const dependencies = create();
    const asked = { dependency: 'records', durationMs: 40 };
    dependencies.record(asked);
    dependencies.record({ ...asked, failure: 'timeout' });
    dependencies.record({ ...asked, failure: 'api' });
    expect(await metrics.allPoints('callspan.dependency.up')).toEqual([
      { labels: { dependency: 'records' }, value: 0 },
    ]);
    dependencies.record({ ...asked, failure: 'rate_limit' });
    expect(await metrics.points('callspan.dependency.up')).toEqual([{ labels: { dependency: 'records' }, value: 1 }]);
    expect(lines.map(({ event, severity, body }) => [event, severity, body])).toEqual([
      ['dependency.down', 'error', 'records is down'],
      ['dependency.up', 'info', 'records is up'],
    ]);
    const [durations] = await metrics.points('callspan.dependency.response.duration');
    expect(durations).toMatchObject({ value: 0.08, count: 2 });
  });

  test.each([
    [
      'ten minutes after the last failure it is not called down any more',
      10,
      1,
      ['dependency.down', 'dependency.down'],
    ],
    ['before it is', 9, 0, ['dependency.down']],
  ])('that nobody asks again: %s', async (_, minutes, value, told) => {
    jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate', 'nextTick', 'queueMicrotask'] });
    const dependencies = create();
    const failed = { dependency: 'openai.reply', durationMs: 40, failure: 'timeout' } as const;
    dependencies.record(failed);
    jest.advanceTimersByTime(9 * 60_000);
    dependencies.record(failed);
    jest.advanceTimersByTime(minutes * 60_000 + 1000);
    jest.useRealTimers();
    expect(await metrics.allPoints('callspan.dependency.up')).toMatchObject([{ value }]);
    dependencies.record(failed);
    expect(lines.map(({ event }) => event)).toEqual(told);
  });

  test('a request that was given up says nothing of it', async () => {
    create().record({ dependency: 'records', durationMs: 40, failure: 'cancelled' });
    expect(await metrics.allPoints('callspan.dependency.up')).toEqual([]);
  });

  test('a model is one by provider and stage, but not when its speech was a recording', async () => {
    const kit = createCallspan({ tracer: spans.tracer, meter: metrics.meter });
    const call = kit.startCall(INFO);
    const asked = { provider: 'openai', model: 'm', name: 'x' } as const;
    call.startSpan({ ...asked, stage: 'reply' }).end();
    call.startSpan({ ...asked, stage: 'synthesis', attributes: { 'voice.tts.cached': true } }).end();
    call.startSpan({ ...asked, stage: 'llm_first_token' }).end();
    call.end({ reason: 'bot_hangup', outcome: 'saved' });
    expect(await labelsOf('callspan.dependency.up')).toEqual([{ dependency: 'openai.reply' }]);
  });
});

describe('an event loop that is blocked', () => {
  let nowMs = 1000;
  /** What a synchronous piece of work of so long does to the timer. */
  const block = (durationMs: number) => {
    nowMs += durationMs;
    jest.advanceTimersByTime(100);
  };
  beforeEach(() => {
    nowMs = 1000;
    jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate', 'nextTick', 'queueMicrotask'] });
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  });

  test('is a span on every call that is going on, with its level, and a breach', async () => {
    const kit = createCallspan({ tracer: spans.tracer, meter: metrics.meter });
    const calls = ['CA1', 'CA2'].map((callSid) => kit.startCall({ ...INFO, callSid }));
    block(199);
    block(400);
    block(600);
    for (const call of calls) call.end({ reason: 'bot_hangup', outcome: 'saved' });
    const blocked = spans.spans().filter(({ name }) => name === 'event_loop.blocked');
    expect(blocked.map(({ attributes }) => attributes['voice.threshold.level'])).toEqual([
      'warning',
      'warning',
      'critical',
      'critical',
    ]);
    expect(blocked.map(({ duration }) => duration[1] / 1e6)).toEqual([300, 300, 500, 500]);
    jest.useRealTimers();
    const labels = { threshold: 'event_loop.blocked', stage: 'none' };
    expect(await metrics.points('voice.threshold.breaches')).toEqual([
      { labels: { ...labels, level: 'warning' }, value: 1 },
      { labels: { ...labels, level: 'critical' }, value: 1 },
    ]);
  });

  test('is told of from the limit that the kit was given, as it is when it happens', () => {
    const eventLoopBlocked = { warningMs: 350, criticalMs: 400 };
    const kit = createCallspan({ tracer: spans.tracer, meter: metrics.meter, eventLoopBlocked });
    const call = kit.startCall({ ...INFO, callSid: 'CA1' });
    block(400);
    eventLoopBlocked.warningMs = 200;
    block(400);
    block(500);
    call.end({ reason: 'bot_hangup', outcome: 'saved' });
    const blocked = spans.spans().filter(({ name }) => name === 'event_loop.blocked');
    expect(blocked.map(({ attributes }) => attributes['voice.threshold.level'])).toEqual(['warning', 'critical']);
  });

  test.each([[{ warningMs: 0, criticalMs: 5 }], [{ warningMs: 600, criticalMs: 500 }], [{ warningMs: 100 }], [7]])(
    'with a limit of %j is refused when the kit is made',
    (eventLoopBlocked) => {
      expect(() => createCallspan({ eventLoopBlocked: eventLoopBlocked as never })).toThrow(
        /eventLoopBlocked is .*; expected/,
      );
    },
  );

  test('is drawn six times a minute at most, and counted always', async () => {
    const kit = createCallspan({ tracer: spans.tracer, meter: metrics.meter });
    const call = kit.startCall(INFO);
    for (let times = 0; times < 10; times += 1) block(200);
    const drawn = () => spans.spans().filter(({ name }) => name === 'event_loop.blocked').length;
    expect(drawn()).toBe(6);
    block(61_000);
    expect(drawn()).toBe(7);
    call.end({ reason: 'bot_hangup', outcome: 'saved' });
    jest.useRealTimers();
    expect((await metrics.points('voice.threshold.breaches')).map(({ value }) => value)).toEqual([10, 1]);
  });

  test('is not looked for when nobody calls', () => {
    const kit = createCallspan({ tracer: spans.tracer, meter: metrics.meter });
    expect(jest.getTimerCount()).toBe(0);
    const call = kit.startCall(INFO);
    expect(jest.getTimerCount()).toBe(1);
    call.end({ reason: 'bot_hangup', outcome: 'saved' });
    jest.advanceTimersByTime(100);
    expect(jest.getTimerCount()).toBe(0);
  });
});

test('the delay of the event loop is what is longer than the interval of the monitor, once for all who look', async () => {
  let resets = 0;
  const ns = (ms: number) => ms * 1e6;
  observeEventLoop(metrics.meter, {
    count: 20,
    min: ns(49.9),
    max: ns(350),
    mean: ns(52),
    stddev: ns(3),
    percentile: (share) => ns(50 + share),
    reset: () => {
      resets += 1;
    },
  });
  const figure = async (name: string) =>
    (await metrics.allPoints(`nodejs.eventloop.${name}`)).map(({ value }) => value);
  expect(await figure('delay.min')).toEqual([0]);
  expect(await figure('delay.max')).toEqual([0.3]);
  expect(await figure('delay.mean')).toEqual([0.002]);
  expect(await figure('delay.p99')).toEqual([0.099]);
  expect(await figure('delay.stddev')).toEqual([0.003]);
  expect(resets).toBe(1);
  expect(await labelsOf('nodejs.eventloop.time')).toEqual([
    { 'nodejs.eventloop.state': 'active' },
    { 'nodejs.eventloop.state': 'idle' },
  ]);
});

test('a socket of a media stream counts until it closes, once', async () => {
  const instruments = createInstruments(metrics.meter);
  const [one, other] = [new EventEmitter(), new EventEmitter()];
  for (const socket of [one, one, other]) countSocket(instruments, socket);
  expect(await metrics.allPoints('callspan.websocket.active')).toEqual([{ labels: {}, value: 2 }]);
  for (const socket of [one, other]) socket.emit('close');
  expect(await metrics.allPoints('callspan.websocket.active')).toEqual([{ labels: {}, value: 0 }]);
});

test('log records count by severity, from 0 on', async () => {
  const counter = createLogCounter();
  counter.observe(metrics.meter);
  const emit = (severityNumber?: SeverityNumber) =>
    counter.processor.onEmit({ severityNumber } as Parameters<LogRecordProcessor['onEmit']>[0]);
  for (const severity of [SeverityNumber.INFO, SeverityNumber.INFO4, SeverityNumber.ERROR, SeverityNumber.FATAL4]) {
    emit(severity);
  }
  emit();
  const points = await metrics.allPoints('callspan.log.records');
  expect(points.map(({ labels, value }) => [labels.severity, value])).toEqual([
    ['trace', 0],
    ['debug', 0],
    ['info', 3],
    ['warn', 0],
    ['error', 1],
    ['fatal', 1],
  ]);
});
