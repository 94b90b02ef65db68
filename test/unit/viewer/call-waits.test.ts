import { Attr, SpanName } from 'callspan/conventions';
import { spanIdOf } from '../../helpers/otlp-samples.ts';
import { call, openStoreStage, sid, turn, webhook } from '../../helpers/store-stage.ts';

const at = openStoreStage();

const gap = (index: number, waitMs: number) => ({
  spanId: spanIdOf(5000 + index),
  parentSpanId: spanIdOf(11),
  name: SpanName.responseGap,
  startMs: index * 6000,
  endMs: index * 6000 + waitMs,
  attributes: { ...sid, [Attr.turnIndex]: index, [Attr.gapSource]: 'media_clock' },
});

test('a call of hundreds of turns keeps its longest waits in its row, be they late ones, in order of turns', () => {
  const waits = Array.from({ length: 300 }, (_, number) => gap(number + 1, number === 279 ? 5200 : 600 + number));
  at.saveSpans([webhook, call, turn(1), ...waits]);
  const kept = at.store.findCall('CA1')?.waits ?? [];
  expect(kept).toHaveLength(200);
  expect(kept.find(({ durationMs }) => durationMs === 5200)?.turnIndex).toBe(280);
  expect(kept.map(({ turnIndex }) => turnIndex)).toEqual(Array.from({ length: 200 }, (_, number) => number + 101));
});
