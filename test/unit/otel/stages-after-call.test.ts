import { context } from '@opentelemetry/api';
import { type Callspan, createCallspan, type MeasuredStage } from '../../../otel/src/index.ts';
import { type MetricRecorder, startMetricRecorder } from '../../helpers/recorded-metrics.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

const INFO = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1' };
const END = { reason: 'bot_hangup', outcome: 'saved' } as const;
const WORK: MeasuredStage = { name: 'work', stage: 'save' };

let recorder: SpanRecorder;
let metrics: MetricRecorder;
let callspan: Callspan;
beforeEach(() => {
  recorder = startSpanRecorder();
  metrics = startMetricRecorder();
  callspan = createCallspan({ tracer: recorder.tracer, meter: metrics.meter });
});
afterEach(async () => {
  await recorder.close();
  await metrics.close();
});

test.each<[string, MeasuredStage]>([
  ['in its context', WORK],
  ['by its id', { ...WORK, at: { callSid: 'CA1' } }],
  ['by its id and turn', { ...WORK, at: { callSid: 'CA1', turnIndex: 1 } }],
])('work that starts %s after its call has ended is measured below it, and its failures count', async (_how, stage) => {
  const call = callspan.startCall(INFO);
  const { context: late } = call.startTurn(1);
  call.end(END);
  const fail = async () => {
    throw Object.assign(new Error('away'), { code: 'timeout' });
  };
  await expect(context.with(late, () => callspan.wrap(stage, fail)())).rejects.toThrow('away');
  const span = recorder.named('work');
  expect(span.spanContext().traceId).toBe(call.traceId);
  expect(span.attributes['error.type']).toBe('timeout');
  expect(recorder.open()).toEqual([]);
  expect(await metrics.points('voice.errors')).toEqual([
    { labels: { 'error.type': 'timeout', severity: 'error' }, value: 1 },
  ]);
});
