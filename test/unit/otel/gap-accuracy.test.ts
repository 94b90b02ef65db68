import { type SimFaults, simulateCall } from '../../helpers/media-sim.ts';

const CALLS = 12;
const TURNS = 20;

/** Every measured turn of many simulated calls. */
function measure(faults: SimFaults) {
  const calls = Array.from({ length: CALLS }, (_, index) => simulateCall(index + 1, TURNS, faults));
  const turns = calls.flatMap((call) => call.measured()).filter(({ index }) => index > 0);
  const clock = turns.filter(({ source }) => source === 'media_clock');
  const others = turns.filter(({ source }) => source !== 'media_clock');
  return { calls, turns, clock, others };
}

function p99(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;
}

const near = { upMs: 15, downMs: 15, jitterMs: 5 };
const middle = { upMs: 30, downMs: 30, jitterMs: 10 };

const LINES: readonly (readonly [name: string, faults: SimFaults, clockShare: number])[] = [
  ['a calm line', near, 0.99],
  ['a far line with jitter', { upMs: 80, downMs: 80, jitterMs: 30 }, 0.99],
  ['a line that stalls', { ...near, stallOneIn: 200 }, 0.95],
  ['a line that loses one frame in twenty', { ...middle, lossPercent: 5 }, 0.95],
  ['swapped and doubled frames', { ...middle, swapPercent: 10, duplicatePercent: 5 }, 0.95],
  ['a clock that runs 200 ppm fast', { ...middle, driftPpm: 200 }, 0.99],
  ['marks that come back late', { ...middle, lateMarkPercent: 20, lateMarkMs: 400 }, 0.7],
  ['marks that all come back late', { ...middle, lateMarkPercent: 100, lateMarkMs: 300 }, 0],
  ['marks that never come back', { ...middle, lostMarkPercent: 30 }, 0.6],
  ['a clock set forward in the middle of waits', { ...middle, jumpMs: 5000 }, 0.6],
  ['a clock set back in the middle of waits', { ...middle, jumpMs: -1000 }, 0.6],
  [
    'everything at once',
    {
      upMs: 60,
      downMs: 60,
      jitterMs: 40,
      stallOneIn: 300,
      lossPercent: 3,
      swapPercent: 5,
      duplicatePercent: 3,
      lostMarkPercent: 5,
      lateMarkPercent: 5,
      lateMarkMs: 600,
    },
    0.8,
  ],
];

test.each(LINES)(
  'on %s the media clock is within 20 ms (p99), everything else within what it says',
  (_name, faults, share) => {
    const { turns, clock, others } = measure(faults);
    expect(turns).toHaveLength(CALLS * TURNS);
    expect(clock.length / turns.length).toBeGreaterThanOrEqual(share);
    expect(p99(clock.map(({ errorMs }) => Math.abs(errorMs)))).toBeLessThanOrEqual(20);
    const inside = others.filter(({ errorMs, uncertaintyMs }) => Math.abs(errorMs) <= uncertaintyMs);
    expect(inside.length).toBeGreaterThanOrEqual(others.length * 0.99);
  },
);

test('without marks of the kit the wait rests on the marks of the bot, and says that it is less certain', () => {
  const { turns, others } = measure({ ...middle, probeMarks: false });
  expect(others).toHaveLength(turns.length);
  expect(others.every(({ source }) => source === 'mark_ack')).toBe(true);
  expect(others.every(({ errorMs, uncertaintyMs }) => Math.abs(errorMs) <= uncertaintyMs)).toBe(true);
});

test('with no mark at all the wait is told from the sending, with the uncertainty of an unknown carrier', () => {
  const { turns, others } = measure({ ...middle, lostMarkPercent: 100 });
  expect(others).toHaveLength(turns.length);
  expect(others.every(({ source, uncertaintyMs }) => source === 'send' && uncertaintyMs === 300)).toBe(true);
  expect(others.every(({ errorMs }) => errorMs <= 0 && errorMs >= -300)).toBe(true);
});

test('drift, swaps, doubles and losses of the line are counted as they were', () => {
  const line = (faults: SimFaults) => simulateCall(5, 8, faults).line;
  const drifting = line({ ...near, driftPpm: 300 })?.clock.driftPpm ?? 0;
  expect(Math.abs(drifting - 300)).toBeLessThan(20);
  const clean = line(near)?.inbound;
  expect(clean).toMatchObject({ lostMs: 0, reordered: 0, duplicated: 0, clockJumps: 0, stalls: 0 });
  const shuffled = line({ ...near, swapPercent: 10, duplicatePercent: 5 })?.inbound;
  expect(shuffled).toMatchObject({ lostMs: 0, clockJumps: 0 });
  expect(shuffled?.reordered).toBeGreaterThan(100);
  expect(shuffled?.duplicated).toBeGreaterThan(100);
  expect(line({ ...near, lossPercent: 5 })?.inbound.lostMs).toBeGreaterThan(1000);
});
