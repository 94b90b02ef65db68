import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type Callspan, createCallspan, tapMediaStream } from '../../../otel/src/index.ts';
import { openPhone, type Phone } from '../../helpers/media-phone.ts';
import { startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { durationMs, type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const END = { reason: 'caller_hangup', outcome: 'saved' } as const;

let recorder: SpanRecorder;
let callspan: Callspan;
let lines: string[];
beforeEach(() => {
  recorder = startSpanRecorder();
  callspan = createCallspan({ tracer: recorder.tracer });
  lines = [];
  const say = (text: string) => void lines.push(text);
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say }, DiagLogLevel.WARN);
});
afterEach(() => {
  diag.disable();
  return recorder.close();
});

describe('on a media stream', () => {
  let phone: Phone;
  beforeEach(async () => {
    phone = await openPhone();
  });
  afterEach(() => phone.close());

  test('a second tap on a call counts nothing, and is told of', async () => {
    const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
    const first = tapMediaStream(callspan, call, phone.bot);
    const second = tapMediaStream(callspan, call, phone.bot);
    phone.hear(200, true);
    await phone.settle();
    expect([first.ledger.framesIn, second.ledger.framesIn]).toEqual([10, 0]);
    expect(lines).toEqual(['tapMediaStream: this call has a tap already; expected one, since each measures its waits']);
    first.close();
    const third = tapMediaStream(callspan, call, phone.bot);
    phone.hear(200, true);
    await phone.settle();
    expect(third.ledger.framesIn).toBe(10);
  });

  test('a call whose stream id nobody told is measured whatever stream its messages name, and that is said once', async () => {
    const call = callspan.startCall({ callSid: 'CA1', streamSid: undefined as never, accountSid: 'AC1' });
    const tap = tapMediaStream(callspan, call, phone.bot);
    phone.hear(400, true);
    await phone.settle();
    expect(tap.ledger.framesIn).toBe(20);
    call.end(END);
    expect(recorder.named('voice.call').attributes).toMatchObject({
      'twilio.call.sid': 'CA1',
      'voice.media.frames_in': 20,
      'voice.media.bad_frames': 0,
    });
    expect(recorder.named('voice.call').attributes['twilio.stream.sid']).toBeUndefined();
    expect(callspan.tools.problems.count('bad_call_info')).toBe(1);
    expect(callspan.tools.problems.count('bad_message')).toBe(0);
    expect(lines).toEqual(['startCall: streamSid is not set; expected the id of the media stream']);
  });
});

test.each<[unknown, string]>([
  [undefined, 'the argument of startCall is not set; expected { callSid, streamSid, accountSid }'],
  [null, 'the argument of startCall is null; expected { callSid, streamSid, accountSid }'],
  ['CA1', 'the argument of startCall is "CA1"; expected { callSid, streamSid, accountSid }'],
  [{}, 'startCall: callSid is not set; expected the id of the call'],
  [{ callSid: 5, streamSid: 'MZ1' }, 'startCall: callSid is 5; expected the id of the call'],
])(
  'a call that is started with %j begins and ends without a word to the bot, and what is wrong is told',
  (info, line) => {
    const call = callspan.startCall(info as never);
    call.startTurn(0).end('completed');
    expect(callspan.openCalls).toBe(1);
    call.end(END);
    expect(callspan.openCalls).toBe(0);
    expect(recorder.named('voice.call').attributes['twilio.call.sid']).toBeUndefined();
    expect(recorder.named('voice.turn').attributes['gen_ai.conversation.id']).toBeUndefined();
    expect(lines[0]).toBe(line);
  },
);

test.each<[object, object, string | undefined]>([
  [{ direction: 'outbound-api' }, { 'voice.call.direction': 'outbound' }, undefined],
  [
    { direction: 'sideways' },
    { 'voice.call.direction': 'inbound' },
    'startCall: direction is "sideways"; expected inbound or outbound',
  ],
  [{ language: 42 }, {}, 'startCall: language is 42; expected a language tag such as fr'],
])('what a call is started with beside its ids (%j) makes no label of its own', async (told, attributes, line) => {
  const metrics = startMetricRecorder();
  const kit = createCallspan({ tracer: recorder.tracer, meter: metrics.meter });
  kit.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1', ...told } as never).end(END);
  const call = recorder.named('voice.call').attributes;
  expect(call).toMatchObject(attributes);
  expect(call).not.toHaveProperty(['voice.call.language']);
  const [counted] = await metrics.points('voice.call.count');
  expect(counted?.labels).toMatchObject({ 'voice.call.language': 'none', ...attributes });
  expect(lines).toEqual(line ? [line] : []);
  await metrics.close();
});

test('a turn without a number is told of, and goes on', () => {
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  call.startTurn(undefined as never).end('completed');
  expect(recorder.named('voice.turn').attributes['voice.turn.end_reason']).toBe('completed');
  expect(lines).toEqual(['startTurn: the number of the turn is not set; expected 0, 1, 2 and so on']);
});

test('a time of the wall clock is taken for now, and told of', () => {
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  call.startTurn(1, Date.now()).end('completed', Date.now());
  call.end({ ...END, endedAtMs: Date.now() });
  for (const name of ['voice.call', 'voice.turn']) expect(durationMs(recorder.named(name))).toBeLessThan(60_000);
  expect(new Set(lines).size).toBe(1);
  expect(lines[0]).toContain('not of Date.now()');
});

test('a rejected stream that nobody says anything of is counted', () => {
  callspan.recordRejectedStream(undefined as never);
  expect(recorder.named('voice.call.rejected').attributes['voice.reject.reason']).toBe('_OTHER');
});

test('a diagnostics logger of one’s own that throws costs no call', () => {
  const broken = () => {
    throw new Error('my logger is closed');
  };
  const logger = { error: broken, warn: broken, info: broken, debug: broken, verbose: broken };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  callspan.startCall({} as never).end(END);
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  call.startTurn(1).end('done' as never);
  callspan.startStage({} as never).end();
  const stage = call.startSpan({ name: 'work' });
  stage.onEnding(broken);
  stage.end();
  call.end({ reason: 'hung up' as never, outcome: 'saved' });
  expect([callspan.openCalls, call.openSpans]).toEqual([0, 0]);
});

test('a traceparent that is no text is none', () => {
  const traceparent = Symbol('traceparent');
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1', traceparent } as never);
  call.end(END);
  expect(recorder.named('voice.call').parentSpanContext).toBeUndefined();
});

const REASONS = 'expected one of caller_hangup, bot_hangup, stream_error, watchdog, transfer, shutdown, abandoned';
const OUTCOMES = 'expected one of saved, no_record, abandoned, rejected, failed, interrupted';
const OTHER_END = { 'voice.call.end_reason': '_OTHER', 'voice.call.outcome': '_OTHER' };

test.each<[unknown, object, string]>([
  [undefined, OTHER_END, 'the argument of call.end is not set; expected { reason, outcome }'],
  ['done', OTHER_END, 'the argument of call.end is "done"; expected { reason, outcome }'],
  [{ reason: 'hung up', outcome: 'good' }, OTHER_END, `call.end: reason is "hung up"; ${REASONS}`],
  [
    { reason: 'transfer', outcome: 'good' },
    { 'voice.call.end_reason': 'transfer', 'voice.call.outcome': '_OTHER' },
    `call.end: outcome is "good"; ${OUTCOMES}`,
  ],
])('a call that is ended with %j ends, with closed words, and what is wrong is told', (end, attributes, line) => {
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  call.end(end as never);
  call.end(end as never);
  expect(callspan.openCalls).toBe(0);
  expect(recorder.named('voice.call').attributes).toMatchObject(attributes);
  expect(callspan.tools.problems.count('bad_call_end')).toBe(1);
  expect(lines).toEqual([line]);
});

test('a turn that is ended with another word ends, with a closed one, and what is wrong is told', () => {
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' });
  call.startTurn(1).end('finished' as never);
  expect(recorder.named('voice.turn').attributes['voice.turn.end_reason']).toBe('_OTHER');
  expect(callspan.tools.problems.count('bad_turn_end')).toBe(1);
  expect(lines).toEqual(['turn.end: reason is "finished"; expected one of completed, interrupted, session_closed']);
});

const STAGE = 'expected a stage, such as toolStage({ name: "find_customer" })';

test.each<[unknown, string, string | undefined, string]>([
  [undefined, 'unnamed', undefined, `the stage is not set; ${STAGE}`],
  [{ stage: 'save' }, 'unnamed', 'save', `the name of the stage is not set; ${STAGE}`],
  [{ name: 'work', stage: 'nope' }, 'work', undefined, 'the stage of work is "nope"; expected one of setup, '],
])(
  'work of a stage that is told as %j is done and measured as far as it goes, and what is wrong is told',
  async (told, name, stage, line) => {
    callspan.startStage(told as never).end();
    expect(await callspan.model(told as never, async () => 'answer')).toBe('answer');
    expect(callspan.wrap((() => told) as never, () => 'result')()).toBe('result');
    expect(recorder.spans().map((span) => span.name)).toEqual([name, name, name]);
    expect(recorder.spans().map(({ attributes }) => attributes['voice.stage'])).toEqual([stage, stage, stage]);
    expect(lines[0]).toContain(line);
  },
);
