import { Attr, SpanEvent, SpanName } from 'callspan/conventions';
import { findLevel, findLimit, findWaitLevel } from '../../../services/viewer/page/src/model/limits.ts';
import { listTurnWaits } from '../../../services/viewer/page/src/model/turn-waits.ts';
import { findWorstWait } from '../../../services/viewer/page/src/model/wait-times.ts';
import { createSampleCall, cutCall } from '../../helpers/sample-call.ts';
import { createSpanBuilder } from '../../helpers/span-builder.ts';

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

test('the level of a wait is what its span says, else the limits decide, and the limit itself is kept', () => {
  expect([1115, 1116, 1400, 1401].map((ms) => findWaitLevel(ms, null))).toEqual([
    null,
    'warning',
    'warning',
    'critical',
  ]);
  expect(findWaitLevel(10, 'critical')).toBe('critical');
  expect(findWaitLevel(2000, 'nonsense')).toBe('critical');
});

test('the limit drawn beside a span is that of its worst breach; a wait has one always, other spans only when they passed it', () => {
  const { add } = createSpanBuilder(1, {});
  const breach = (level: string, limitMs: number) => ({
    name: SpanEvent.thresholdBreached,
    timeMs: 0,
    attributes: { [Attr.thresholdLevel]: level, [Attr.thresholdLimitMs]: limitMs },
  });
  const span = { parent: null, fromMs: 0, toMs: 900 };
  const both = [breach('warning', 375), breach('critical', 750)];
  const attributes = { [Attr.thresholdLevelOnSpan]: 'critical' };
  expect(findLimit(add({ ...span, name: SpanName.llmFirstToken, attributes, events: both }))).toEqual({
    limitMs: 750,
    level: 'critical',
  });
  const plain = add({ ...span, name: SpanName.llmFirstToken });
  expect([findLimit(plain), findLevel(plain)]).toEqual([null, null]);
  expect(findLimit(add({ ...span, name: SpanName.responseGap }))).toEqual({ limitMs: 1400, level: null });
});

test('the worst wait of a row is the longest that has a figure', () => {
  expect(findWorstWait(hard.summary.waits)).toMatchObject({ turnIndex: 4, source: 'send', level: 'critical' });
  expect(findWorstWait(hard.summary.waits.filter(({ durationMs }) => durationMs === null))).toBeNull();
});
