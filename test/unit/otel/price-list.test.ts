import { createPriceList } from '../../../otel/src/cost/price-list.ts';
import { createCallspan } from '../../../otel/src/index.ts';
import { type SpanRecorder, startSpanRecorder } from '../../helpers/recorded-spans.ts';

let recorder: SpanRecorder;
beforeEach(() => {
  recorder = startSpanRecorder();
});
afterEach(() => recorder.close());

test('a dated model has the price of its base model, unless it has a row of its own', () => {
  const row = { component: 'llm', inputPerMillion: 7, outputPerMillion: 7 } as const;
  const prices = createPriceList({ models: { 'openai/gpt-6-luna-2026-12-24': row } });
  expect(prices.findModel('openai', 'gpt-6-luna-2026-09-01')?.inputPerMillion).toBe(0.1);
  expect(prices.findModel('openai', 'gpt-6-luna-2026-12-24')?.inputPerMillion).toBe(7);
  expect(prices.findModel('openai', 'gpt-6-luna-mini')).toBeUndefined();
  expect(prices.findModel('azure', 'gpt-6-luna')).toBeUndefined();
});

test('given rows lie over the shipped ones, null takes one away, a dated file stands alone', () => {
  const row = { component: 'stt', perMinute: 1 } as const;
  const merged = createPriceList({ models: { 'mine/ears': row, 'openai/gpt-transcribe': null } });
  expect(merged.findModel('mine', 'ears')).toEqual(row);
  expect(merged.findModel('openai', 'gpt-transcribe')).toBeUndefined();
  expect(merged.findModel('openai', 'gpt-6-luna')).toBeDefined();
  const alone = createPriceList({ asOf: '2027-01-01', currency: 'USD', models: { 'mine/ears': row } });
  expect(alone.asOf).toBe('2027-01-01');
  expect(alone.findModel('openai', 'gpt-6-luna')).toBeUndefined();
});

test.each([
  [
    { models: { 'openai/x': { component: 'llm', inputPerMillion: '1', outputPerMillion: 1 } } },
    /\["openai\/x"\]\.inputPerMillion is "1"; expected a number/,
  ],
  [
    { models: { 'openai/x': { component: 'gpu', perMinute: 1 } } },
    /\.component is "gpu"; expected one of stt, llm, tts/,
  ],
  [{ models: { 'openai/x': { component: 'stt', perMinute: -1 } } }, /\.perMinute is -1; expected a number, 0 or more/],
  [{ models: { 'openai/x': { component: 'stt', perMinutes: 1 } } }, /\.perMinutes is 1; expected only/],
  [{ models: { 'openai/x': { component: 'stt', perMinute: 1, perMillionCharacters: 1 } } }, /exactly one of them/],
  [{ models: { 'openai/x': { component: 'llm', inputPerMillion: 1 } } }, /\.outputPerMillion is not set; expected/],
  [{ models: { x: { component: 'stt', perMinute: 1 } } }, /is "x"; expected a name such as/],
  [{ models: [] }, /prices\.models is \[\]; expected an object/],
  [{ carrier: { 'twilio/inbound': {} } }, /\["twilio\/inbound"\]\.perMinute is not set/],
  [{ carrier: { twilio: { perMinute: 1 } } }, /is "twilio"; expected a name such as "twilio\/inbound"/],
  [{ asOf: 'today' }, /prices\.asOf is "today"; expected a date/],
  [{ prices: {} }, /prices\.prices is/],
])('wrong prices stop the start and say where: %j', (prices, message) => {
  expect(() => createCallspan({ tracer: recorder.tracer, prices: prices as object })).toThrow(message);
});
