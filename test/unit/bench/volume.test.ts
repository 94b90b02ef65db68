import { countItems, listSeries, listSpanSeries } from '../../../bench/volume/series.ts';
import { addBody, createTaken } from '../../../bench/volume/taken.ts';

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });

test('a histogram is a series for each bucket, what is above, its sum and its count', () => {
  const point = { attributes: [text('stage', 'reply')], explicitBounds: [1, 2, 3] };
  const metrics = [
    { name: 'calls', sum: { dataPoints: [{ attributes: [] }, { attributes: [text('outcome', 'saved')] }] } },
    { name: 'wait', histogram: { dataPoints: [point] } },
  ];
  const body = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
  expect(new Set(listSeries(body, 'bot')).size).toBe(2 + 6);
  expect(countItems(body)).toBe(3);
  // Another service's are its own.
  expect(listSeries(body, 'bot')).not.toEqual(listSeries(body, 'records'));
});

test('spans that differ in no label are one set', () => {
  const span = (name: string, stage: string, id: string) => ({
    name,
    kind: 1,
    attributes: [text('voice.stage', stage), text('id', id)],
  });
  const spans = [span('reply', 'reply', '1'), span('reply', 'reply', '2'), span('reply', 'save', '3')];
  const body = { resourceSpans: [{ scopeSpans: [{ spans }] }] };
  expect(new Set(listSpanSeries(body, 'bot', ['voice.stage'])).size).toBe(2);
});

test('bytes are summed up as they came and compressed, the largest request kept', () => {
  const { logs } = createTaken();
  addBody(logs, Buffer.from('a'.repeat(1000)), 3);
  addBody(logs, Buffer.from('b'), 1);
  expect(logs).toMatchObject({ requests: 2, items: 4, rawBytes: 1001, largestRawBytes: 1000 });
  expect(logs.gzipBytes).toBeLessThan(100);
});
