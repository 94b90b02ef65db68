import {
  formatDuration,
  formatOffset,
  formatShortDuration,
} from '../../../services/viewer/page/src/format/duration.ts';
import { isCallSid, normaliseCallSid, shortenId } from '../../../services/viewer/page/src/format/ids.ts';
import { formatAgo, formatExact, formatWhen } from '../../../services/viewer/page/src/format/time.ts';

const en = { decimal: '.' };

test.each([
  [0, '0 ms'],
  [-3, '0 ms'],
  [0.42, '0.42 ms'],
  [0.999, '1.0 ms'],
  [6.4, '6.4 ms'],
  [9.96, '10 ms'],
  [87.3, '87 ms'],
  [999.4, '999 ms'],
  [999.6, '1.00 s'],
  [1420.33, '1.42 s'],
  [9996, '10.0 s'],
  [14_230, '14.2 s'],
  [59_960, '1 min 0 s'],
  [192_000, '3 min 12 s'],
  [3_840_000, '1 h 4 min'],
])('a duration of %d ms is written %s', (durationMs, text) => {
  expect(formatDuration(durationMs, en)).toBe(text);
});

test('a duration is written with the decimal sign of the language', () => {
  expect(formatDuration(1420, { decimal: ',' })).toBe('1,42 s');
});

test('a fold tells its length in whole units', () => {
  expect(formatShortDuration(14_300)).toBe('14 s');
  expect(formatShortDuration(150_000)).toBe('3 min');
});

test('a tick tells seconds below a minute and minutes from there', () => {
  expect([0, 500, 2500, 10_000, 90_000].map((ms) => formatOffset(ms, en))).toEqual([
    '0 s',
    '500 ms',
    '2.5 s',
    '10 s',
    '1:30',
  ]);
});

test('an id is shortened so that both ends can be compared', () => {
  expect(shortenId('CA1f02aa00000000000000000000009c3d')).toBe('CA1f02…9c3d');
  expect(shortenId('short')).toBe('short');
});

test('only CA and 32 hexadecimal digits are a whole call id', () => {
  expect(isCallSid(' CA1f02aa00000000000000000000009c3d ')).toBe(true);
  expect(isCallSid('CA1f02')).toBe(false);
  expect(isCallSid('MZ1f02aa00000000000000000000009c3d')).toBe(false);
});

describe('a moment', () => {
  const style = { locale: 'en-GB', timeZone: 'Europe/Paris' };
  const atMs = Date.UTC(2026, 10, 21, 13, 3, 22, 417);

  test('of today shows the clock, of another day the day too', () => {
    expect(formatWhen(atMs, atMs + 3_600_000, style)).toBe('14:03:22');
    expect(formatWhen(atMs, atMs + 86_400_000, style)).toBe('21 Nov, 14:03:22');
  });

  test('is exact to the millisecond with its zone on hover', () => {
    expect(formatExact(atMs, style)).toContain('14:03:22.417');
    expect(formatExact(atMs, style)).toMatch(/CET|GMT\+1/);
  });

  test('says how long ago it was in the largest unit that fits', () => {
    expect(formatAgo(atMs, atMs + 42_000, style)).toBe('42 seconds ago');
    expect(formatAgo(atMs, atMs + 185_000, style)).toBe('3 minutes ago');
    expect(formatAgo(atMs, atMs + 2 * 86_400_000, style)).toBe('2 days ago');
  });
});

test('a CallSid typed in capitals is the one that Twilio writes', () => {
  expect(normaliseCallSid(' ca1F02AA00000000000000000000009C3D ')).toBe('CA1f02aa00000000000000000000009c3d');
});

test('halves are rounded up, whatever they are in binary', () => {
  const said = [1115, 1005, 10_050].map((ms) => formatDuration(ms, { decimal: '.' }));
  expect(said).toEqual(['1.12 s', '1.01 s', '10.1 s']);
});
