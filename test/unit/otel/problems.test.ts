import type { KitRecord } from '../../../otel/src/logs/kit-log.ts';
import { createProblems } from '../../../otel/src/logs/problems.ts';

let nowMs: number;
let lines: KitRecord[];
beforeEach(() => {
  nowMs = 0;
  lines = [];
});
const startProblems = () =>
  createProblems(
    (line) => lines.push(line),
    () => nowMs,
  );

test('each kind of problem is logged at most once a minute, with how often it came since', () => {
  const problems = startProblems();
  for (; nowMs < 180_000; nowMs += 1000) problems.report('bad_message');
  expect(lines.map(({ body }) => body)).toEqual([
    'bad_message',
    'bad_message, 60 times since it was last told',
    'bad_message, 60 times since it was last told',
  ]);
  expect(lines.map(({ attributes }) => attributes?.times)).toEqual([1, 60, 60]);
  expect(problems.count('bad_message')).toBe(180);
});

test('kinds do not silence each other', () => {
  const problems = startProblems();
  problems.report('bad_message');
  problems.report('observer_failed');
  expect(lines.map(({ body }) => body)).toEqual(['bad_message', 'observer_failed']);
  expect(problems.count('never_seen')).toBe(0);
});

test('of an error its class is told, never what it says', () => {
  startProblems().report('observer_failed', undefined, new RangeError('Jean Dupont'));
  expect(lines[0]?.attributes).toEqual({ kind: 'observer_failed', times: 1, 'exception.type': 'RangeError' });
  expect(JSON.stringify(lines)).not.toContain('Jean');
});
