import { DiagLogLevel, diag } from '@opentelemetry/api';
import { type Callspan, createCallspan, tapMediaStream } from '../../../otel/src/index.ts';
import { openPhone, type Phone } from '../../helpers/media-phone.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const END = { reason: 'caller_hangup', outcome: 'saved' } as const;

let recorder: SpanRecorder;
let callspan: Callspan;
let told: string[];
beforeEach(() => {
  recorder = startSpanRecorder();
  callspan = createCallspan({ tracer: recorder.tracer });
  told = [];
  const say = (text: string) => void told.push(text);
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
    expect(told).toEqual(['startCall: streamSid is not set; expected the id of the media stream']);
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
    expect(told[0]).toBe(line);
  },
);

test('a traceparent that is no text is none', () => {
  const traceparent = Symbol('traceparent');
  const call = callspan.startCall({ callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1', traceparent } as never);
  call.end(END);
  expect(recorder.named('voice.call').parentSpanContext).toBeUndefined();
});
