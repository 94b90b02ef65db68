import { createEnds } from '../../../services/viewer/page/src/model/ends.ts';
import { listTicks } from '../../../services/viewer/page/src/model/ticks.ts';
import {
  createTimeAxis,
  findExtent,
  listBusyTimes,
  placeOf,
} from '../../../services/viewer/page/src/model/time-axis.ts';
import { createSampleCall } from '../../helpers/sample-call.ts';

const ends = createEnds(new Map(), { nowMs: 0, isLive: false });
const window = { fromMs: 0, toMs: 30_000 };
const busy = [
  { fromMs: 0, toMs: 5000 },
  { fromMs: 4000, toMs: 6000 },
  { fromMs: 20_000, toMs: 30_000 },
];

test('silence of more than two seconds folds into a small mark, shorter silence stays', () => {
  const axis = createTimeAxis(window, busy);
  expect(axis.pieces.map(({ fromMs, toMs, folded }) => [fromMs, toMs, folded])).toEqual([
    [0, 6000, false],
    [6000, 20_000, true],
    [20_000, 30_000, false],
  ]);
  const kept = createTimeAxis(window, [...busy, { fromMs: 7900, toMs: 18_100 }]);
  expect(kept.pieces.map(({ folded }) => folded)).toEqual([false]);
});

test('the axis is used up to its end, in order, and a fold takes a twentieth of it', () => {
  const { pieces } = createTimeAxis(window, busy);
  expect(pieces[0]?.fromX).toBe(0);
  expect(pieces.at(-1)?.toX).toBeCloseTo(1);
  expect((pieces[1]?.toX ?? 0) - (pieces[1]?.fromX ?? 0)).toBeCloseTo(0.05);
});

test('many folds together never take more than three tenths', () => {
  const far = Array.from({ length: 20 }, (_, at) => ({ fromMs: at * 10_000, toMs: at * 10_000 + 100 }));
  const { pieces } = createTimeAxis({ fromMs: 0, toMs: 190_100 }, far);
  const folded = pieces.filter((piece) => piece.folded).reduce((sum, piece) => sum + piece.toX - piece.fromX, 0);
  expect(folded).toBeCloseTo(0.3);
});

test('moments keep their order on the axis, and those outside go to its ends', () => {
  const axis = createTimeAxis(window, busy);
  const places = [-5, 0, 3000, 6000, 13_000, 20_000, 25_000, 30_000, 31_000].map((ms) => placeOf(axis, ms));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect([places[0], places.at(-1)]).toEqual([0, 1]);
});

test('an axis without anything on it does not divide by zero', () => {
  const axis = createTimeAxis({ fromMs: 7, toMs: 7 }, []);
  expect([placeOf(axis, 7), placeOf(axis, 8)]).toEqual([0, 1]);
});

test('ticks are round, keep apart from each other and keep out of folds', () => {
  const ticks = listTicks(createTimeAxis(window, busy), 0, 8);
  expect(ticks.map(({ offsetMs }) => offsetMs)).toEqual([0, 2000, 4000, 6000, 22_000, 24_000, 26_000, 28_000]);
  for (const { offsetMs } of ticks) expect(offsetMs <= 6000 || offsetMs >= 20_000).toBe(true);
});

test('no figure of the axis stands where it would run out of it', () => {
  const axis = createTimeAxis({ fromMs: 0, toMs: 212 }, [{ fromMs: 0, toMs: 212 }]);
  expect(listTicks(axis, 0, 4).map(({ offsetMs }) => offsetMs)).toEqual([0, 100]);
  expect(listTicks(axis, 0, 9).map(({ offsetMs }) => offsetMs)).toEqual([0, 50, 100, 150, 200]);
});

test('the pauses of a call fold although call and turns last through them', () => {
  const { spans } = createSampleCall({ startedAtMs: 0 });
  const extent = findExtent(spans, ends);
  if (!extent) throw new Error('no extent');
  const folds = createTimeAxis(extent, listBusyTimes(spans, ends)).pieces.filter((piece) => piece.folded);
  expect(folds.map(({ fromMs, toMs }) => Math.round((toMs - fromMs) / 1000))).toEqual([5, 14]);
});
