import fc from 'fast-check';
import { OWN_TEXT, problemsOf } from '../../helpers/thresholds-text.ts';

test.each([
  ['brackets', '['.repeat(190_000)],
  ['braces', 'a: '.concat('{a: '.repeat(45_000))],
  ['dashes', '- '.repeat(90_000)],
  ['keys of keys', '? '.repeat(90_000)],
  ['spaces', Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
])('%s thousands deep are refused, and the process goes on', (_name, text) => {
  const [problem] = problemsOf(text);
  expect(problem?.reason).toBe('is nested more than 20 deep');
});

test('twenty thousand keys are refused within the time of a test', () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n');
  expect(problemsOf(text).length).toBeGreaterThan(0);
});

test('whatever the text is, it is read or refused with places that are in it', () => {
  const lines = OWN_TEXT.split('\n');
  const cuts = fc.tuple(fc.nat(OWN_TEXT.length), fc.nat(40), fc.string({ maxLength: 12, unit: 'binary' }));
  fc.assert(
    fc.property(cuts, ([at, length, put]) => {
      const text = OWN_TEXT.slice(0, at) + put + OWN_TEXT.slice(at + length);
      for (const { line, column, reason } of problemsOf(text)) {
        expect(line).toBeLessThanOrEqual(lines.length + 12);
        expect(line).toBeGreaterThan(0);
        expect(column).toBeGreaterThan(0);
        expect(reason).not.toBe('');
      }
    }),
    { numRuns: 100 },
  );
});

test('a text longer than any file of thresholds is refused unread', () => {
  const text = `${OWN_TEXT}# ${'x'.repeat(1_000_000)}\n`;
  expect(problemsOf(text)).toEqual([{ line: 1, column: 1, path: '', reason: 'is longer than 200000 bytes' }]);
});
