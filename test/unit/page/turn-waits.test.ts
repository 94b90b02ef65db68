import { Attr, SpanName } from 'callspan/conventions';
import { listTurnWaits } from '../../../services/viewer/page/src/model/turn-waits.ts';
import { findWorstWait } from '../../../services/viewer/page/src/model/wait-times.ts';
import { createSampleCall, cutCall } from '../../helpers/sample-call.ts';

const hard = createSampleCall({ startedAtMs: 0, withGap: true, language: 'hard' });
const gaps = hard.spans.filter(({ name }) => name === SpanName.responseGap);

test('every turn of the caller has its wait or why there is none; the greeting is no turn of the caller', () => {
  const waits = listTurnWaits(hard.spans);
  expect(waits.map(({ turnIndex, state }) => [turnIndex, state])).toEqual([
    [1, 'measured'],
    [2, 'unmeasured'],
    [3, 'measured'],
    [4, 'measured'],
  ]);
  expect(waits[1]).toMatchObject({ reason: 'caller_resumed' });
  expect(waits[0]).toMatchObject({ spanId: gaps[0]?.spanId, gap: { source: 'mark_ack', uncertaintyMs: 45 } });
});

test('a turn that goes on has no verdict yet, a wait that goes on is waited for', () => {
  const [gap] = gaps;
  const { spans, detail } = cutCall(hard, (gap?.startMs ?? 0) + 100);
  const during = [...spans, ...detail.pending];
  expect(listTurnWaits(during)).toMatchObject([{ turnIndex: 1, state: 'waiting' }]);
  const later = cutCall(hard, (gaps[1]?.startMs ?? 0) - 100);
  expect(listTurnWaits([...later.spans, ...later.detail.pending]).at(-1)).toMatchObject({
    turnIndex: 3,
    state: 'open',
  });
});

test('a call whose bot measures nothing has no ribbon', () => {
  expect(listTurnWaits(createSampleCall({ startedAtMs: 0 }).spans)).toEqual([]);
});

test('a wait of the source none is not measured', () => {
  const none = hard.spans.map((span) => ({ ...span, attributes: { ...span.attributes, [Attr.gapSource]: 'none' } }));
  expect(listTurnWaits(none).every(({ state }) => state === 'unmeasured')).toBe(true);
});

test('the worst wait of a row is the longest that has a figure', () => {
  expect(findWorstWait(hard.summary.waits)).toMatchObject({ turnIndex: 4, source: 'send', level: 'critical' });
  expect(findWorstWait(hard.summary.waits.filter(({ durationMs }) => durationMs === null))).toBeNull();
});
