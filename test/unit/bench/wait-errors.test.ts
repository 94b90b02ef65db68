import { compareCall, type MeasuredTurn, summarize } from '../../../bench/wait-errors.ts';

const measured = (speechStartMs: number | null, more: Partial<MeasuredTurn> = {}): MeasuredTurn => ({
  speechStartMs,
  gapMs: 1000,
  source: 'media_clock',
  uncertaintyMs: 10,
  segmentsMs: [400, 600],
  unmeasured: null,
  ...more,
});

test('turns are paired by when the caller began to speak, whatever the origin of the clocks', () => {
  const truth = [
    { speechStartMs: 4000, trueWaitMs: 990 },
    { speechStartMs: 9000, trueWaitMs: null },
    { speechStartMs: 15_000, trueWaitMs: 1300 },
  ];
  const turns = [measured(null), measured(1_700_000_004_100), measured(1_700_000_015_080, { gapMs: 1310 })];
  const { compared, missed } = compareCall(truth, turns);
  expect(compared.map((turn) => turn.errorMs)).toEqual([10, 10]);
  expect(compared.map((turn) => turn.segmentErrorMs)).toEqual([0, -310]);
  expect(missed).toEqual([]);
});

test('a wait that the line knows and the trace does not lowers the coverage and says why', () => {
  const truth = [0, 5000, 10_000].map((speechStartMs) => ({ speechStartMs, trueWaitMs: 1000 }));
  const turns = [measured(100), measured(5100, { gapMs: null, unmeasured: 'caller_resumed' })];
  const call = compareCall(truth, turns);
  expect(call.missed).toEqual(['caller_resumed', 'no_turn']);
  expect(summarize([call])).toMatchObject({ turns: 3, coveragePct: 33.3, mediaClockPct: 100 });
});

test('errors of the media clock are told by their 99th percentile, the others by their stated uncertainty', () => {
  const turn = (errorMs: number, source = 'media_clock', uncertaintyMs = 10) => ({
    errorMs,
    source,
    uncertaintyMs,
    segmentErrorMs: 0,
  });
  const compared = [
    ...Array.from({ length: 99 }, () => turn(-5)),
    turn(40),
    turn(-200, 'send', 300),
    turn(-200, 'send', 100),
  ];
  expect(summarize([{ compared, missed: [] }])).toMatchObject({
    turns: 102,
    p99AbsErrorMs: 5,
    maxAbsErrorMs: 40,
    medianErrorMs: -5,
    withinUncertaintyPct: 50,
  });
});
