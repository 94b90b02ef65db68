import { ROOT_CONTEXT } from '@opentelemetry/api';
import { WaitAlarm } from '../../../otel/src/gap/wait-alarm.ts';
import type { CallTrace } from '../../../otel/src/index.ts';
import { createCallspan, tapMediaStream } from '../../../otel/src/index.ts';
import { mediaText, openPhone, type Phone } from '../../helpers/media-phone.ts';
import { createAudio } from '../../helpers/media-stage.ts';
import { type MetricRecorder, startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const { jest } = import.meta;
const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const LIMITS = [{ stage: 'response_gap', warningMs: 1000, criticalMs: 3000 } as const];
const END = { reason: 'caller_hangup', outcome: 'saved' } as const;

type Line = { readonly body: string; readonly fields: Record<string, unknown> };

let phone: Phone;
let meters: MetricRecorder;
let recorder: SpanRecorder;
let call: CallTrace;
let tap: ReturnType<typeof tapMediaStream>;
let told: Line[];
/** Timers of a tap that waits for nothing. */
let idleTimers: number;

/** A call on a real socket, whose clock and timers move when they are told to. */
async function open(limits: Parameters<typeof createCallspan>[0] = { limits: LIMITS }): Promise<void> {
  phone = await openPhone();
  meters = startMetricRecorder();
  recorder = startSpanRecorder();
  told = [];
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  const note = (body: string, fields: Record<string, unknown> = {}) => {
    if (fields.event === 'stage.stuck') told.push({ body, fields });
  };
  const logger = { debug: note, info: note, warn: note, error: note };
  const callspan = createCallspan({ tracer: recorder.tracer, meter: meters.meter, logger, ...limits });
  call = callspan.startCall(INFO);
  tap = tapMediaStream(callspan, call, phone.bot);
  idleTimers = countTimers();
}

afterEach(async () => {
  call.end(END);
  jest.useRealTimers();
  await phone.close();
  await meters.close();
  await recorder.close();
});

/** Those of the span exporter, which are due at once, are not counted. */
function countTimers(): number {
  jest.advanceTimersByTime(1);
  return jest.getTimerCount();
}

/** The caller has spoken until 400 ms ago, and the bot has decided that they have finished. */
async function commitSpeech() {
  phone.hear(200, false);
  phone.hear(1000, true);
  phone.hear(400, false);
  await phone.settle();
  const turn = call.startTurn(1);
  turn.committed();
  return turn;
}

/** The reply is sent, and its first frame has been played. */
async function reply(): Promise<void> {
  const audio = createAudio(1000);
  phone.bot.send(mediaText(audio));
  await phone.gotAudio(audio.length);
  phone.hear(60, false);
  phone.mark('callspan:1');
  phone.hear(60, false);
  await phone.settle();
}

test('a caller who waits longer than the critical limit is told of while they wait, once', async () => {
  await open();
  const turn = await commitSpeech();
  jest.advanceTimersByTime(2500);
  expect(told).toEqual([]);
  jest.advanceTimersByTime(200);
  expect(told.map(({ body }) => body.replace(/\d+/, '<n>'))).toEqual(['the caller is still waiting after <n> ms']);
  const [line] = told;
  expect(line?.fields).toMatchObject({
    'threshold.id': 'response_gap',
    'threshold.level': 'critical',
    'threshold.limit_ms': 3000,
    'voice.stage': 'response_gap',
  });
  expect(line?.fields['threshold.value_ms']).toBeGreaterThan(3000);
  expect(recorder.spans().filter(({ name }) => name === 'voice.response_gap')).toEqual([]);
  turn.committed();
  jest.advanceTimersByTime(60_000);
  expect(told).toHaveLength(1);
  jest.useRealTimers();
  expect(await meters.points('voice.stage.stuck')).toEqual([{ labels: { stage: 'response_gap' }, value: 1 }]);
});

test('a wait that has been measured, or that a filler has ended, is not told of', async () => {
  await open();
  const turn = await commitSpeech();
  turn.speaksFiller(true);
  expect(countTimers()).toBe(idleTimers + 1);
  await reply();
  expect(countTimers()).toBe(idleTimers);
  turn.speaksFiller(false);
  turn.committed();
  expect(countTimers()).toBe(idleTimers);
  jest.advanceTimersByTime(20_000);
  expect(told).toEqual([]);
});

test('a reply that is due on the line is none that the caller waits for, though no mark has come back', async () => {
  await open();
  await commitSpeech();
  phone.bot.send(mediaText(createAudio(1000)));
  jest.advanceTimersByTime(4000);
  expect(told).toEqual([]);
});

test('a caller who goes on speaking does not wait', async () => {
  await open();
  const turn = await commitSpeech();
  phone.hear(200, true);
  await phone.settle();
  // What was heard is looked at a second later at the latest.
  jest.advanceTimersByTime(1200);
  expect(countTimers()).toBe(idleTimers);
  jest.advanceTimersByTime(4000);
  expect(told).toEqual([]);
  phone.hear(400, false);
  await phone.settle();
  turn.committed();
  jest.advanceTimersByTime(10_000);
  expect(told).toHaveLength(1);
});

test('a caller who goes on speaking just before the limit does not wait, though nobody has looked at those frames', async () => {
  await open();
  await commitSpeech();
  jest.advanceTimersByTime(2450);
  phone.hear(200, true);
  await phone.settle();
  jest.advanceTimersByTime(190);
  expect(told).toEqual([]);
});

test('a caller whom the bot took to have finished in the middle of a word does not wait', async () => {
  await open();
  phone.hear(200, false);
  phone.hear(500, true);
  await phone.settle();
  call.startTurn(1).committed();
  phone.hear(500, true);
  await phone.settle();
  jest.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
});

test('a turn whose number is used again ends its own wait', async () => {
  await open();
  const turn = await commitSpeech();
  call.startTurn(1);
  turn.end('interrupted');
  jest.advanceTimersByTime(10_000);
  expect(told).toEqual([]);
});

test('a timer that fires early tells nothing, and the wait is told of when it is past its limit', async () => {
  await open();
  let nowMs = 0;
  const { instruments } = createCallspan({ meter: meters.meter }).tools;
  const bodies: string[] = [];
  const log = ({ body }: { body: string }) => void bodies.push(body);
  const alarm = new WaitAlarm({ limits: LIMITS, log, instruments }, () => nowMs);
  const turn = { index: 1, context: ROOT_CONTEXT, startedAtMs: 0, setAttributes: () => undefined };
  alarm.arm(turn, { sinceMs: 0, isWaiting: () => true });
  nowMs = 3000;
  jest.advanceTimersByTime(3001);
  expect(bodies).toEqual([]);
  nowMs = 3001;
  jest.advanceTimersByTime(1);
  expect(bodies).toEqual(['the caller is still waiting after 3001 ms']);
});

test.each<[string, (turn: Awaited<ReturnType<typeof commitSpeech>>) => unknown]>([
  ['its turn', (turn) => turn.end('interrupted')],
  ['the call', () => call.end(END)],
  ['the measuring', () => tap.close()],
  [
    'the stream',
    async () => {
      phone.send('stop', { stop: {} });
      await phone.settle();
    },
  ],
])('nothing is told of a wait after the end of %s', async (_what, end) => {
  await open();
  const turn = await commitSpeech();
  await end(turn);
  turn.committed();
  jest.advanceTimersByTime(20_000);
  expect(told).toEqual([]);
});

test.each([
  ['no limit', []],
  ['a limit that no timer can wait for', [{ ...LIMITS[0], criticalMs: 3_000_000_000 } as never]],
])('with %s no wait is told of', async (_what, limits) => {
  await open({ limits });
  await commitSpeech();
  expect(countTimers()).toBe(idleTimers);
  jest.advanceTimersByTime(30_000);
  expect(told).toEqual([]);
});
