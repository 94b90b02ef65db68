import { createRecentSet } from '../../../otel/src/redaction/recent-set.ts';

test('what is asked for again stays, what is not is forgotten', () => {
  const recent = createRecentSet(10);
  recent.add('recurs');
  for (let index = 0; index < 100; index += 1) {
    recent.add(`once ${index}`);
    expect(recent.has('recurs')).toBe(true);
  }
  expect(recent.has('once 99')).toBe(true);
  expect(recent.has('once 50')).toBe(false);
});

test('it never holds more than twice what it is told', () => {
  const recent = createRecentSet(10);
  for (let index = 0; index < 1000; index += 1) recent.add(String(index));
  const kept = Array.from({ length: 1000 }, (_, index) => String(index)).filter((value) => recent.has(value));
  expect(kept.length).toBeGreaterThanOrEqual(10);
  expect(kept.length).toBeLessThanOrEqual(20);
});
