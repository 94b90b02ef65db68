import { Attr, LogEvent } from 'callspan/conventions';
import type { LogLine } from '../../../services/viewer/api/types.ts';
import { listEnvelopes } from '../../../services/viewer/page/src/model/envelope.ts';
import { createTimeAxis } from '../../../services/viewer/page/src/model/time-axis.ts';
import { listColumns, toWavePath, WAVE_COLUMNS } from '../../../services/viewer/page/src/model/wave.ts';

const body = {
  v: 1,
  startMs: 1000,
  stepMs: 100,
  caller: [0, 80, 40, 0],
  bot: [0, 0, 0, 120],
  callerSpeech: [[100, 300]],
  botSpeech: [[300, 400]],
};
const line = (given: unknown, eventName: string = LogEvent.envelope): LogLine => ({
  timeMs: 2000,
  severity: 'info',
  body: typeof given === 'string' ? given : JSON.stringify(given),
  eventName,
  service: 'bot',
  scope: null,
  spanId: null,
  attributes: { [Attr.turnIndex]: 2 },
});

test('an envelope tells the loudness of both sides within 0 and 100, and when each spoke', () => {
  expect(listEnvelopes([line(body)])).toEqual([
    {
      turnIndex: 2,
      startMs: 1000,
      stepMs: 100,
      caller: { loudness: [0, 80, 40, 0], speech: [{ fromMs: 1100, toMs: 1300 }] },
      bot: { loudness: [0, 0, 0, 100], speech: [{ fromMs: 1300, toMs: 1400 }] },
    },
  ]);
});

test.each<[string, unknown]>([
  ['no JSON', 'loud'],
  ['no object', '7'],
  ['nothing', 'null'],
  ['another version', { ...body, v: 2 }],
  ['no start', { ...body, startMs: 'now' }],
  ['steps of no length', { ...body, stepMs: 0 }],
])('a body that is no envelope is left out: %s', (_what, given) => {
  expect(listEnvelopes([line(given)])).toEqual([]);
});

test('other records are no envelopes, and odd parts of one cost the rest nothing', () => {
  expect(listEnvelopes([line(body, LogEvent.reply)])).toEqual([]);
  const odd = { ...body, caller: [1, 'x', null, -5], bot: 'none', callerSpeech: [[1], [5, 2], null], botSpeech: {} };
  expect(listEnvelopes([line(odd)])).toMatchObject([
    { caller: { loudness: [1, 0, 0, 0], speech: [] }, bot: { loudness: [], speech: [] } },
  ]);
});

test('a wave stands where it was heard, a column is as loud as its loudest step, and silence draws nothing', () => {
  const envelopes = listEnvelopes([line(body)]);
  const axis = createTimeAxis({ fromMs: 1000, toMs: 1400 }, []);
  const columns = listColumns(axis, envelopes, 'caller');
  const quarter = WAVE_COLUMNS / 4;
  expect([columns[quarter - 1], columns[quarter], columns[2 * quarter], columns[3 * quarter]]).toEqual([0, 80, 40, 0]);
  const far = listColumns(createTimeAxis({ fromMs: 0, toMs: 4_000_000 }, []), envelopes, 'caller');
  expect(Math.max(...far)).toBe(80);
  const outside = listColumns(createTimeAxis({ fromMs: 5000, toMs: 6000 }, []), envelopes, 'caller');
  expect(toWavePath(outside)).toBe('');
  expect(toWavePath([0, 80])).toBe('M1 10h1v80h-1z');
});
