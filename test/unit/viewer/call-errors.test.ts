import { toSpanView } from '../../../services/viewer/domain/views.ts';
import { createCallData } from '../../../services/viewer/page/src/model/call-data.ts';
import { describeCall } from '../../../services/viewer/page/src/model/sentence.ts';
import { type SampleSpan, spanIdOf, traceIdOf } from '../../helpers/otlp-samples.ts';
import { call, openStoreStage, sid, turn, webhook } from '../../helpers/store-stage.ts';

const at = openStoreStage();

const failed = (number: number, parent: number, name: string): SampleSpan => ({
  spanId: spanIdOf(number),
  parentSpanId: spanIdOf(parent),
  name,
  startMs: 1000 + number,
  endMs: 1100 + number,
  status: 2,
  attributes: sid,
});
/** A record that could not be written: the failure passes from the database up to the step of the call. */
const save = [
  failed(20, 11, 'execute_tool save_record'),
  failed(21, 20, 'POST'),
  failed(22, 21, 'POST /records'),
  failed(23, 22, 'INSERT records'),
];

/** What the list says of the call, and what the sentence on its own page does. */
function readErrors(): readonly [list: number | undefined, sentence: number] {
  const detail = at.store.findCall('CA1');
  if (!detail) throw new Error('the call is not there');
  const data = createCallData(detail, at.store.findTrace(traceIdOf(1)).spans.map(toSpanView));
  const told = describeCall(data).find((statement) => statement.kind === 'errors');
  return [detail.errors, told?.kind === 'errors' ? told.count : 0];
}

test('a failure that passes through several spans is one error of the list, as in the sentence on the call', () => {
  at.saveSpans([webhook, call, turn(1), ...save]);
  expect(readErrors()).toEqual([1, 1]);
});

test('failures count the same in whatever order their spans come', () => {
  at.saveSpans([webhook, call, turn(1)]);
  for (const span of [3, 0, 1, 2].flatMap((index) => save[index] ?? [])) at.saveSpans([span]);
  expect(readErrors()).toEqual([1, 1]);
  at.saveSpans([failed(30, 11, 'chat gpt'), failed(31, 11, 'model.attempt')]);
  expect(readErrors()).toEqual([2, 2]);
});

test('a call or a turn that failed as a whole is an error only where nothing in it is one', () => {
  at.saveSpans([webhook, { ...call, status: 2 }, { ...turn(1), status: 2 }]);
  expect(readErrors()).toEqual([1, 1]);
  at.saveSpans(save);
  expect(readErrors()).toEqual([1, 1]);
});

test('a call of very many failures counts them all', () => {
  const many = Array.from({ length: 300 }, (_, index) => failed(1000 + index, 11, 'chat gpt'));
  at.saveSpans([webhook, call, turn(1), ...many]);
  expect(readErrors()).toEqual([300, 300]);
});
