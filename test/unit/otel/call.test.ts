import { SpanStatusCode } from '@opentelemetry/api';
import fc from 'fast-check';
import { createCallspan, traceparentOf } from '../../../otel/src/index.ts';
import { durationMs, type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const TRACE_ID = 'a'.repeat(32);
const INFO = {
  callSid: 'CA1',
  streamSid: 'MZ1',
  accountSid: 'AC1',
  traceparent: `00-${TRACE_ID}-${'b'.repeat(16)}-01`,
};

let recorder: SpanRecorder;
beforeEach(() => {
  recorder = startSpanRecorder();
});
afterEach(() => recorder.close());

test('the call continues the trace of its webhook', () => {
  const call = createCallspan({ tracer: recorder.tracer }).startCall(INFO);
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  const span = recorder.named('voice.call');
  expect(span.spanContext().traceId).toBe(TRACE_ID);
  expect(span.parentSpanContext?.spanId).toBe('b'.repeat(16));
  expect(span.attributes).toMatchObject({ 'voice.call.end_reason': 'caller_hangup', 'voice.call.outcome': 'saved' });
});

test('every span of a call carries the call id, and the turn index below a turn', async () => {
  const call = createCallspan({ tracer: recorder.tracer }).startCall(INFO);
  call.startTurn(1);
  await call.run({ name: 'work', stage: 'save' }, 1, async () => {
    recorder.tracer.startSpan('somebody else').end();
  });
  call.end({ reason: 'bot_hangup', outcome: 'saved' });
  for (const name of ['work', 'somebody else', 'voice.turn']) {
    expect(recorder.named(name).attributes).toMatchObject({ 'gen_ai.conversation.id': 'CA1', 'voice.turn.index': 1 });
  }
  expect(recorder.named('voice.call').attributes['voice.turn.index']).toBeUndefined();
});

test('a failing stage passes its error through and says so on its span', async () => {
  const call = createCallspan({ tracer: recorder.tracer }).startCall(INFO);
  const failure = Object.assign(new Error('too many'), { code: 'rate_limit' });
  await expect(call.run({ name: 'work' }, undefined, () => Promise.reject(failure))).rejects.toBe(failure);
  const span = recorder.named('work');
  expect(span.attributes['error.type']).toBe('rate_limit');
  expect(span.status.code).toBe(SpanStatusCode.ERROR);
});

test('what a model or a caller said never reaches a span through an error', async () => {
  const call = createCallspan({ tracer: recorder.tracer }).startCall(INFO);
  const parse = async () => JSON.parse('Jean Dupont, 06 39 98 12 34') as unknown;
  await expect(call.run({ name: 'work' }, undefined, parse)).rejects.toThrow('Jean');
  call.end({ reason: 'bot_hangup', outcome: 'failed' });
  const span = recorder.named('work');
  expect(span.attributes['error.type']).toBe('parsing');
  expect(JSON.stringify([span.attributes, span.status, span.events])).not.toMatch(/Jean|Dupont|0639|06 39/);
});

test('a cancelled stage is an outcome, not an error', async () => {
  const call = createCallspan({ tracer: recorder.tracer }).startCall(INFO);
  const cancelled = new DOMException('stopped', 'AbortError');
  await expect(call.run({ name: 'work' }, undefined, () => Promise.reject(cancelled))).rejects.toBe(cancelled);
  expect(recorder.named('work').status.code).toBe(SpanStatusCode.UNSET);
  expect(recorder.named('work').attributes['error.type']).toBe('cancelled');
});

test('a consumer that stops half-way ends the span of its stream and its producer', async () => {
  const call = createCallspan({ tracer: recorder.tracer }).startCall(INFO);
  let released = false;
  async function* numbers() {
    try {
      for (let value = 0; ; value += 1) yield value;
    } finally {
      released = true;
    }
  }
  for await (const value of call.stream({ name: 'stream' }, undefined, numbers)) if (value === 2) break;
  expect(released).toBe(true);
  expect(recorder.named('stream').status.code).toBe(SpanStatusCode.UNSET);
});

test('a call that ends closes everything still open in it, children first, and only once', () => {
  const callspan = createCallspan({ tracer: recorder.tracer });
  const call = callspan.startCall(INFO);
  call.startTurn(1);
  call.startSpan({ name: 'open' }, 1);
  call.end({ reason: 'shutdown', outcome: 'interrupted' });
  call.end({ reason: 'bot_hangup', outcome: 'saved' });
  expect(recorder.spans().map((span) => span.name)).toEqual(['open', 'voice.turn', 'voice.call']);
  expect(recorder.named('voice.call').attributes['voice.call.outcome']).toBe('interrupted');
  expect(recorder.named('voice.turn').attributes['voice.turn.end_reason']).toBe('session_closed');
  expect(callspan.openCalls).toBe(0);
});

test('who observes a call can write its sums when it ends', () => {
  const call = createCallspan({ tracer: recorder.tracer }).startCall(INFO);
  const turn = call.startTurn(1);
  call.observe({
    turnEnding: () => turn.setAttributes({ 'voice.turn.critical_segment': 'bot_queue' }),
    callEnding: () => {
      call.setAttributes({ 'voice.media.frames_in': 3 });
      call.addEvent('voice.media_stalled');
      call.startSpan({ name: 'sum' }).end();
    },
  });
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  expect(recorder.named('voice.call').attributes['voice.media.frames_in']).toBe(3);
  expect(recorder.named('voice.call').events.map(({ name }) => name)).toEqual(['voice.media_stalled']);
  expect(recorder.named('voice.turn').attributes['voice.turn.critical_segment']).toBe('bot_queue');
  expect(recorder.named('sum').parentSpanContext?.spanId).toBe(recorder.named('voice.call').spanContext().spanId);
});

test('a call says that it has ended from the beginning of its end', () => {
  const call = createCallspan({ tracer: recorder.tracer }).startCall(INFO);
  const told: boolean[] = [call.isEnded];
  call.observe({ callEnding: () => void told.push(call.isEnded) });
  call.end({ reason: 'caller_hangup', outcome: 'saved' });
  expect([...told, call.isEnded]).toEqual([false, true, true]);
});

test('the end of a call is when it was hung up, however long wrapping up took', () => {
  const call = createCallspan({ tracer: recorder.tracer }).startCall(INFO);
  call.end({ reason: 'caller_hangup', outcome: 'saved', endedAtMs: call.clock.now() + 5000 });
  expect(durationMs(recorder.named('voice.call'))).toBeGreaterThanOrEqual(5000);
});

test('whatever the order of events, no span stays open and none is orphaned', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('turn' as const), index: fc.nat(5) }),
    fc.record({ kind: fc.constant('endTurn' as const), index: fc.nat(5) }),
    fc.record({ kind: fc.constant('span' as const), index: fc.nat(5) }),
    fc.record({ kind: fc.constant('endCall' as const), index: fc.nat(5) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const before = recorder.spans().length;
      const call = createCallspan({ tracer: recorder.tracer }).startCall({ ...INFO, callSid: `CA${before}` });
      const turns = new Map<number, ReturnType<typeof call.startTurn>>();
      for (const { kind, index } of steps) {
        if (kind === 'turn') turns.set(index, call.startTurn(index));
        if (kind === 'endTurn') turns.get(index)?.end('completed');
        if (kind === 'span') call.startSpan({ name: 'work' }, index);
        if (kind === 'endCall') call.end({ reason: 'caller_hangup', outcome: 'no_record' });
      }
      call.end({ reason: 'watchdog', outcome: 'no_record' });
      const spans = recorder.spans().slice(before);
      const ids = new Set([...spans.map((span) => span.spanContext().spanId), 'b'.repeat(16)]);
      expect(call.openSpans).toBe(0);
      expect(spans.every((span) => ids.has(span.parentSpanContext?.spanId ?? ''))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('work that outlasts the hang-up took as long as it took', () => {
  const call = createCallspan({ tracer: recorder.tracer }).startCall(INFO);
  const hungUpAtMs = call.clock.now();
  const work = call.startSpan({ name: 'late work', startedAtMs: hungUpAtMs - 100 });
  call.end({ reason: 'caller_hangup', outcome: 'saved', endedAtMs: hungUpAtMs - 50 });
  work.end();
  expect(durationMs(recorder.named('late work'))).toBeGreaterThanOrEqual(100);
});

test('a refused stream has a trace of its own that names the reason', () => {
  createCallspan({ tracer: recorder.tracer }).recordRejectedStream({ reason: 'token_forged' });
  const span = recorder.named('voice.call.rejected');
  expect(span.parentSpanContext).toBeUndefined();
  expect(span.attributes['voice.reject.reason']).toBe('token_forged');
});

test('where no span is active the traceparent is empty, and a call that is given it begins a trace', () => {
  const traceparent = traceparentOf(undefined);
  expect(traceparent).toBe('');
  const call = createCallspan({ tracer: recorder.tracer }).startCall({ ...INFO, traceparent });
  expect(call.traceId).not.toBe(TRACE_ID);
  call.end({ reason: 'caller_hangup', outcome: 'no_record' });
  expect(recorder.named('voice.call').parentSpanContext).toBeUndefined();
});
