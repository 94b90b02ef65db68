import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import { type CallTrace, createCallspan, tapMediaStream } from '../../../otel/src/index.ts';
import { durationMs, type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const { jest } = import.meta;
const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const SILENT = Buffer.alloc(160, 0xff).toString('base64');

let recorder: SpanRecorder;
let call: CallTrace;
let socket: EventEmitter;
let lines: string[];
let frame = 0;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  recorder = startSpanRecorder();
  lines = [];
  frame = 0;
  const logger = { debug() {}, info() {}, warn: (text: string) => void lines.push(text), error() {} };
  const callspan = createCallspan({ tracer: recorder.tracer, logger });
  call = callspan.startCall(INFO);
  socket = Object.assign(new EventEmitter(), { send() {}, ping() {}, readyState: 1, OPEN: 1 });
  tapMediaStream(callspan, call, socket as WebSocket);
});
afterEach(async () => {
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  jest.useRealTimers();
  await recorder.close();
});

/** Silent frames in time. */
function hear(durationMs: number): void {
  for (const end = frame + durationMs / 20; frame < end; frame += 1) {
    jest.advanceTimersByTime(20);
    const media = { track: 'inbound', timestamp: String(frame * 20), payload: SILENT };
    socket.emit(
      'message',
      Buffer.from(JSON.stringify({ event: 'media', sequenceNumber: String(frame + 2), media })),
      false,
    );
  }
}

const stalls = () => recorder.named('voice.call').events.filter(({ name }) => name === 'voice.media_stalled');

test('a stream without frames is told while that lasts, at most every five seconds, and the time is added up', () => {
  hear(1000);
  jest.advanceTimersByTime(12_020);
  frame += 600;
  hear(1000);
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  expect(stalls()).toHaveLength(3);
  expect(recorder.named('voice.call').attributes).toMatchObject({
    'voice.media.stalled_ms': 12_020,
    'voice.media.lost_ms': 12_000,
  });
});

test('a stream that is over does not stall', () => {
  hear(1000);
  socket.emit('message', Buffer.from('{"event":"stop"}'), false);
  jest.advanceTimersByTime(5000);
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  expect(stalls()).toEqual([]);
  expect(recorder.named('voice.call').attributes['voice.media.stalled_ms']).toBe(0);
});

test('silence of both sides above three seconds is a span of the call, with one line while it lasts', () => {
  hear(3000);
  expect(lines).toEqual([]);
  hear(6000);
  expect(lines).toEqual(['nobody has been heard for 3200 ms']);
  expect(recorder.open()).toContain('voice.dead_air');
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  expect(durationMs(recorder.named('voice.dead_air'))).toBeCloseTo(9000, 0);
  expect(recorder.named('voice.dead_air').attributes['voice.dead_air.cause']).toBe('none');
});

test('a call that ends stops the clock of its tap', () => {
  hear(100);
  const stopped = jest.spyOn(globalThis, 'clearInterval');
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  expect(stopped).toHaveBeenCalledTimes(1);
});
