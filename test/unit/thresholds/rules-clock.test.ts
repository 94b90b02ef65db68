import { CLOCK_YEARS, isWithinHours, listOffsets, localSeconds } from '../../../thresholds/generate/rules/clock.ts';

const ZONES = ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'America/Sao_Paulo', 'UTC'];

/** What an expression of {@link localSeconds} says at an instant; it has nothing but sums of comparisons in it. */
function evaluate(expr: string, seconds: number): number {
  const steps = [...expr.matchAll(/([+-]) (\d+) \* \(time\(\) >= bool (\d+)\)/g)];
  const first = /^time\(\) ([+-]) (\d+)/.exec(expr);
  const signed = (sign: string | undefined, value: string | undefined) => (sign === '-' ? -1 : 1) * Number(value ?? 0);
  return steps.reduce(
    (sum, [, sign, change, from]) => sum + (seconds >= Number(from) ? signed(sign, change) : 0),
    seconds + signed(first?.[1], first?.[2]),
  );
}

function clockOf(timeZone: string, seconds: number): string {
  const options = { timeZone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'medium' } as const;
  return new Intl.DateTimeFormat('en-GB', options).format(seconds * 1000);
}

test.each(ZONES)(
  'clocks of %s are what the rule says, at both sides of each change and all the years between',
  (zone) => {
    const expr = localSeconds(zone, CLOCK_YEARS);
    const start = Date.UTC(CLOCK_YEARS.from, 0, 1) / 1000;
    const end = Date.UTC(CLOCK_YEARS.to + 1, 0, 1) / 1000;
    const changes = listOffsets(zone, CLOCK_YEARS).flatMap(({ fromSeconds }) => [fromSeconds - 1, fromSeconds]);
    const instants = [
      ...changes.filter((at) => at >= start),
      ...Array.from({ length: 400 }, (_, i) => start + Math.floor(((end - start) * i) / 400)),
    ];
    const wrong = instants.filter((at) => clockOf('UTC', evaluate(expr, at)) !== clockOf(zone, at));
    expect(wrong).toEqual([]);
  },
);

test('a zone whose clocks never change needs no more than its offset', () => {
  expect(localSeconds('Asia/Kolkata', CLOCK_YEARS)).toBe('time() + 19800');
  expect(localSeconds('America/Sao_Paulo', CLOCK_YEARS)).toBe('time() - 10800');
});

test('hours are minutes of the local day, Sunday is day 0', () => {
  const hours = { days: [6, 7], fromMinute: 540, toMinute: 1020, timeZone: 'UTC' };
  const expr = isWithinHours(hours, 'local');
  expect(expr).toContain('(local % 86400 >= bool 32400)');
  expect(expr).toContain('(local % 86400 < bool 61200)');
  expect(expr).toContain('((day_of_week(local) == bool 0) + (day_of_week(local) == bool 6))');
});
