import type { CallSummary } from '../../../services/viewer/domain/call.ts';
import { type SampleSpan, spanIdOf, T0_MS } from '../../helpers/otlp-samples.ts';
import { call, openStoreStage, sid, webhook } from '../../helpers/store-stage.ts';

const at = openStoreStage();

/** What Twilio said of the call three seconds after it came in. */
const told = (status: string, number = 3): SampleSpan => ({
  spanId: spanIdOf(number),
  parentSpanId: spanIdOf(1),
  name: 'POST /status',
  kind: 2,
  startMs: 3000,
  endMs: 3004,
  attributes: { ...sid, 'twilio.call.status': status },
});
const announced: SampleSpan = { ...call, endMs: null, attributes: sid };
const over = { state: 'ended', outcome: 'abandoned', endReason: 'abandoned', durationMs: 3000 };
const find = (): CallSummary | undefined => at.store.findCall('CA1');

test.each(['completed', 'no-answer', 'busy', 'failed', 'canceled'])(
  'a call of which Twilio says %s before its stream has come is over: abandoned, never lost',
  (status) => {
    expect(at.saveSpans([webhook]).calls).toMatchObject([{ state: 'live', outcome: null }]);
    expect(at.saveSpans([told(status)]).calls).toMatchObject([over]);
    expect(at.store.findQuietest()).toBeUndefined();
    expect(at.store.markLost(T0_MS + 1_000_000)).toEqual([]);
    expect(find()).toMatchObject(over);
  },
);

test('a call that Twilio connects or lets ring goes on', () => {
  at.saveSpans([webhook, ...['queued', 'ringing', 'in-progress'].map((status, index) => told(status, 3 + index))]);
  expect(find()).toMatchObject({ state: 'live', outcome: null, endReason: null, durationMs: null });
});

test('the end of a call that has a stream is that of the stream, whenever Twilio’s word comes', () => {
  at.saveSpans([webhook, announced, told('completed')]);
  expect(find()).toMatchObject({ state: 'live', outcome: null, durationMs: null });
  expect(at.saveSpans([call]).calls).toMatchObject([{ state: 'ended', outcome: 'saved', durationMs: 9000 }]);
});

test('a stream that is heard of after Twilio’s last word takes its place', () => {
  at.saveSpans([told('completed'), webhook]);
  expect(find()).toMatchObject(over);
  expect(at.saveSpans([announced]).calls).toMatchObject([{ state: 'live', outcome: null, endReason: null }]);
  expect(at.saveSpans([call]).calls).toMatchObject([{ state: 'ended', outcome: 'saved', endReason: 'bot_hangup' }]);
});
