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
  ['jiter', 'no fault "jiter"; the nearest is jitter '],
  ['lost_marks', 'no fault "lost_marks"; the nearest is lost-mark '],
  ['LOSS', 'no fault "LOSS"; the nearest is loss '],
  ['halfopen', 'no fault "halfopen"; the nearest is half-open '],
  ['', 'no fault ""; the nearest is loss '],
  ['loss,loss=3', 'the fault loss is asked for twice'],
  ['loss=101', 'percent of loss must be a number from 0 to 100, not "101"'],
  ['loss=', 'percent of loss must be a number from 0 to 100, not ""'],
  ['jitter=1e3', 'maxDelayMs of jitter must be a number from 0 to 60000, not "1e3"'],
  ['jitter=10/20', 'the fault jitter takes maxDelayMs, not 10/20'],
  ['no-stop=1', 'the fault no-stop takes no figure, not 1'],
  ['half-open,no-stop', 'half-open and no-stop both end the stream: ask for one'],
])('"%s" is refused: %s', (text, message) => {
  expect(() => parseFaults(text)).toThrow(FaultOrderError);
  expect(() => parseFaults(text)).toThrow(message);
});
