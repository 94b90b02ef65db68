import { createCallspan, createLogger, replyStage, transcriptionStage } from 'callspan';
import { Metric, Stage } from 'callspan/conventions';
import {
  type CallspanMatchers,
  callspanMatchers,
  createTestTelemetry,
  expectStages,
  findCall,
  findStage,
  listCallSids,
  type TestTelemetry,
} from 'callspan/testing';

declare global {
  namespace jest {
    interface Matchers<R> extends CallspanMatchers<R> {}
  }
}
expect.extend(callspanMatchers);

let telemetry: TestTelemetry;
beforeEach(() => {
  telemetry = createTestTelemetry();
});
afterEach(() => telemetry.close());

const info = (callSid: string) => ({ callSid, streamSid: 'MZ1', accountSid: 'AC1' });
const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function placeCall(callSid: string, { isEnded = true } = {}) {
  const callspan = createCallspan({ logger: silent });
  const call = callspan.startCall(info(callSid));
  const turn = call.startTurn(1);
  const at = { callSid, turnIndex: 1 };
  await callspan.model(transcriptionStage({ provider: 'openai', model: 'gpt-transcribe', at }), async () => 'hello');
  turn.end('completed');
  if (isEnded) call.end({ reason: 'caller_hangup', outcome: 'no_record' });
  return { callspan, call };
}

test('a call that is whole passes every matcher that can be asked of it', async () => {
  await placeCall('CA1');
  const call = findCall(telemetry);
  expect(call.callSid).toBe('CA1');
  expect(call).toHaveStage('transcription');
  expect(call).toHaveOneTrace();
  expect(call).toHaveNoOpenSpans();
  expectStages(call, [Stage.transcription]);
  expect(findStage(call, 'transcription')[0]?.attributes['gen_ai.request.model']).toBe('gpt-transcribe');
});

test('a stage that is not there is told with the stages that are', async () => {
  await placeCall('CA1');
  const call = findCall(telemetry, 'CA1');
  expect(() => expect(call).toHaveStage('reply')).toThrow('call CA1 has no stage reply; it has transcription');
  expect(() => expectStages(call, ['reply', 'transcription', 'save'])).toThrow('has no stages reply, save; it has tr');
});

test('a stage over its limit is told with its duration and the limit', async () => {
  await placeCall('CA1');
  const call = findCall(telemetry);
  expect(() => expect(call).toHaveStage('transcription', { belowMs: -1 })).toThrow(/of \d+ ms; the limit is -1 ms/);
  expect(call).toHaveStage('transcription', { belowMs: 10_000 });
});

test('a call that has not ended has open spans, by name', async () => {
  const { call } = await placeCall('CA1', { isEnded: false });
  expect(() => expect(findCall(telemetry)).toHaveNoOpenSpans()).toThrow('has open spans: voice.call');
  call.end({ reason: 'caller_hangup', outcome: 'no_record' });
  expect(findCall(telemetry)).toHaveNoOpenSpans();
});

test('a call in two traces is not one trace, nor is one whose parent is nowhere', async () => {
  await placeCall('CA1');
  await placeCall('CA1');
  expect(() => expect(findCall(telemetry)).toHaveOneTrace()).toThrow('is in 2 traces');
  telemetry.reset();
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  createCallspan({ logger: silent })
    .startCall({ ...info('CA2'), traceparent })
    .end({ reason: 'caller_hangup', outcome: 'no_record' });
  expect(() => expect(findCall(telemetry)).toHaveOneTrace()).toThrow('whose parent was not seen: voice.call');
});

test('which call is meant must be clear', async () => {
  expect(() => findCall(telemetry)).toThrow('expected one call; there are none');
  await placeCall('CA1');
  await placeCall('CA2');
  expect(listCallSids(telemetry)).toEqual(['CA1', 'CA2']);
  expect(() => findCall(telemetry)).toThrow('expected one call; there is CA1, CA2');
  expect(() => findCall(telemetry, 'CA3')).toThrow('expected call CA3; there is CA1, CA2');
  expect(findCall(telemetry, 'CA2').spans.every((span) => span.attributes['gen_ai.conversation.id'] === 'CA2')).toBe(
    true,
  );
});

test('a call without a measured wait is told so', async () => {
  await placeCall('CA1');
  expect(() => expect(findCall(telemetry)).toHaveWait({ belowMs: 1400 })).toThrow(
    'no measured wait; it has transcription',
  );
});

test('waits are read with turn and source, and held against the limit', () => {
  const attributes = {
    'gen_ai.conversation.id': 'CA1',
    'voice.stage': 'response_gap',
    'voice.turn.index': 2,
    'voice.gap.source': 'send',
  };
  telemetry.tracer.startSpan('voice.response_gap', { attributes, startTime: 1_700_000_000_000 }).end(1_700_000_001_500);
  const call = findCall(telemetry);
  expect(call.waits).toEqual([{ turnIndex: 2, durationMs: 1500, source: 'send' }]);
  expect(call).toHaveWait({ belowMs: 1500 });
  expect(() => expect(call).toHaveWait({ belowMs: 1400 })).toThrow('has waits of 1500 ms; the limit is 1400 ms');
});

test('log records and metrics of the process are seen', async () => {
  await placeCall('CA1');
  createLogger({ context: 'Test', destination: { write: () => true } } as never).info('worked', {
    event: 'test.worked',
  });
  expect(telemetry.logs().map(({ eventName }) => eventName)).toContain('test.worked');
  const metric = (await telemetry.metrics()).find(({ name }) => name === Metric.callCount.name);
  expect(metric?.points).toEqual([expect.objectContaining({ value: 1 })]);
});

test('after reset nothing of before is seen, not even the end of what was open', async () => {
  const { call } = await placeCall('CA1', { isEnded: false });
  telemetry.reset();
  call.end({ reason: 'caller_hangup', outcome: 'no_record' });
  expect(telemetry.spans()).toEqual([]);
  expect(telemetry.openSpans()).toEqual([]);
});

test('values of metrics are totals, which go on after reset as they do in a process', async () => {
  const booked = telemetry.meter.createCounter('bookings');
  booked.add(1);
  expect((await telemetry.metrics())[0]?.points[0]?.value).toBe(1);
  telemetry.reset();
  booked.add(1);
  expect((await telemetry.metrics())[0]?.points[0]?.value).toBe(2);
});

test('a second telemetry beside a running one is refused', () => {
  expect(() => createTestTelemetry()).toThrow('telemetry is already running in this process');
});

test('a model stage keeps its stream whole and is seen when the stream has ended', async () => {
  const callspan = createCallspan({ logger: silent });
  callspan.startCall(info('CA1'));
  const at = { callSid: 'CA1' };
  const words = callspan.modelStream(replyStage({ provider: 'openai', model: 'gpt-6-luna', at }), async function* () {
    yield 'hello';
  });
  const heard: string[] = [];
  for await (const word of words) heard.push(word);
  expect(heard).toEqual(['hello']);
  expect(findCall(telemetry)).toHaveStage('reply');
});
