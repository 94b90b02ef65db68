import type { WorkingHours } from '../../model.ts';

/** Prometheus knows no time zones: their offsets are written into the rules for these years (UTC), the last holds on. */
export const CLOCK_YEARS = { from: 2026, to: 2040 } as const;

const DAY_SECONDS = 86_400;
const DAY_MS = 86_400_000;

/** From an instant on (seconds since 1970) the zone's clocks are so many seconds ahead of UTC. */
export type Offset = { readonly fromSeconds: number; readonly offsetSeconds: number };

/**
 * The offsets of a zone in order, the first from the beginning of the years on, to the minute.
 * @param timeZone a name of the IANA time zone database
 */
export function listOffsets(
  timeZone: string,
  years: { readonly from: number; readonly to: number },
): readonly Offset[] {
  const offsetAt = createOffsetOf(timeZone);
  const endMs = Date.UTC(years.to + 1, 0, 1);
  let atMs = Date.UTC(years.from, 0, 1);
  const offsets = [{ fromSeconds: atMs / 1000, offsetSeconds: offsetAt(atMs) }];
  for (; atMs < endMs; atMs += DAY_MS) {
    const before = offsetAt(atMs);
    const after = offsetAt(atMs + DAY_MS);
    if (before === after) continue;
    offsets.push({ fromSeconds: findChange(offsetAt, atMs) / 1000, offsetSeconds: after });
  }
  return offsets;
}

/** The first minute of a day at which the offset is another than at its beginning. */
function findChange(offsetAt: (atMs: number) => number, dayMs: number): number {
  const before = offsetAt(dayMs);
  let low = dayMs;
  let high = dayMs + DAY_MS;
  while (high - low > 60_000) {
    const middle = Math.floor((low + high) / 2 / 60_000) * 60_000;
    if (offsetAt(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

function createOffsetOf(timeZone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (atMs) => {
    const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
    const localMs = Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
    return (localMs - Math.floor(atMs / 1000) * 1000) / 1000;
  };
}

/** PromQL: seconds since 1970 as the clocks of the zone count them. A scalar. */
export function localSeconds(timeZone: string, years: { readonly from: number; readonly to: number }): string {
  const [first, ...later] = listOffsets(timeZone, years);
  const steps = later.map(({ fromSeconds, offsetSeconds }, index) => {
    const before = index === 0 ? first?.offsetSeconds : later[index - 1]?.offsetSeconds;
    const change = offsetSeconds - (before ?? 0);
    return `\n  ${change < 0 ? '-' : '+'} ${Math.abs(change)} * (time() >= bool ${fromSeconds})`;
  });
  return `time() + ${first?.offsetSeconds ?? 0}${steps.join('')}`.replace('+ -', '- ');
}

/**
 * PromQL: 1 within the hours, else 0. A vector without labels.
 * @param local name of the recorded series of {@link localSeconds}
 */
export function isWithinHours({ days, fromMinute, toMinute }: WorkingHours, local: string): string {
  const second = `${local} % ${DAY_SECONDS}`;
  // Sunday is 7 in ISO 8601 and 0 in PromQL.
  const ofDay = [...new Set(days.map((day) => day % 7))].sort((a, b) => a - b);
  const isDay = ofDay.map((day) => `(day_of_week(${local}) == bool ${day})`).join(' + ');
  return `(${second} >= bool ${fromMinute * 60})\n* (${second} < bool ${toMinute * 60})\n* (${isDay})`;
}
