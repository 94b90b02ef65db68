import { FAULT_NAMES } from '../../../services/caller/domain/faults/catalogue.ts';
import { FaultOrderError, parseFaults } from '../../../services/caller/domain/faults/fault-order.ts';

test('a name alone gets the usual figures, written figures replace them in their order', () => {
  expect(parseFaults('jitter=120,loss, stall=250')).toEqual([
    { name: 'jitter', figures: { maxDelayMs: 120 } },
    { name: 'loss', figures: { percent: 2 } },
    { name: 'stall', figures: { holdMs: 250, everyMs: 5000 } },
  ]);
  expect(parseFaults('stall=250/1000,drift=-50.5')).toEqual([
    { name: 'stall', figures: { holdMs: 250, everyMs: 1000 } },
    { name: 'drift', figures: { ppm: -50.5 } },
  ]);
});

test('every name of the catalogue can be asked for', () => {
  expect(FAULT_NAMES.map((name) => parseFaults(name)[0]?.name)).toEqual(FAULT_NAMES);
});

test.each([
  ['jiter', '"jiter": no such fault; the nearest is jitter '],
  ['lost_marks', '"lost_marks": no such fault; the nearest is lost-mark '],
  ['LOSS', '"LOSS": no such fault; the nearest is loss '],
  ['halfopen', '"halfopen": no such fault; the nearest is half-open '],
  ['', '"": no such fault; the nearest is loss '],
  ['loss,loss=3', 'loss is asked for twice'],
  ['loss=101', 'loss=101: the percentage of frames must be a number from 0 to 100, not "101"'],
  ['loss=', 'loss=: the percentage of frames must be a number from 0 to 100, not ""'],
  ['jitter=1e3', 'jitter=1e3: the longest delay in milliseconds must be a number from 0 to 60000, not "1e3"'],
  ['jitter=10/20', 'jitter=10/20: jitter takes the longest delay in milliseconds'],
  ['no-stop=1', 'no-stop=1: no-stop takes no figure'],
  ['half-open,no-stop', 'half-open and no-stop both end the stream: ask for one'],
])('"%s" is refused: %s', (text, message) => {
  expect(() => parseFaults(text)).toThrow(FaultOrderError);
  expect(() => parseFaults(text)).toThrow(message);
});
