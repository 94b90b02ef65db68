import fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../thresholds/durations.ts';

test.each([
  ['30s', 30_000],
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1d', 86_400_000],
  ['0s', 0],
])('%s is %d ms', (text, durationMs) => {
  expect(parseDuration(text)).toBe(durationMs);
});

test.each(['', '5', 'm', '5 m', '30m1h', '1.5h', '-5m', '5M', '5m5m', '1w'])('"%s" is no length of time', (text) => {
  expect(parseDuration(text)).toBeNaN();
});

test('days are written as hours, which the Collector and Prometheus both read', () => {
  expect(formatDuration(30 * 86_400_000)).toBe('720h');
  expect(formatDuration(0)).toBe('0s');
  expect(formatDuration(1500)).toBe('1s500ms');
});

test('a length of time that is written and read again is the same', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), (seconds) => {
      expect(parseDuration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
    }),
  );
});
