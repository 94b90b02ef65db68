import { median, spread } from '../../../bench/kit/median.ts';

test('the median of an odd number of values is the middle one, of an even number the mean of two', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 7])).toBe(6);
  expect(median([])).toBeNaN();
});

test('the spread is where the middle half of the values lies', () => {
  expect(spread([5, 1, 3, 2, 4])).toEqual({ p25: 2, p75: 4 });
});
