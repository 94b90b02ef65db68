import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type Callspan, createCallspan, tapMediaStream } from '../../../otel/src/index.ts';
import { openPhone, type Phone } from '../../helpers/media-phone.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

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
