import { listMutations } from '../../../scripts/rule-mutations.ts';
import { listRuleGroups } from '../../../thresholds/generate/rules.ts';
import { createRandom } from '../../../thresholds/simulate/random.ts';
import { makeThresholds } from '../../helpers/made-thresholds.ts';

const [group] = listRuleGroups(makeThresholds()).limits;
const mutations = group ? listMutations(group) : [];

test('each change changes one rule of its group, and no other', () => {
  const before = group?.rules ?? [];
  const changed = mutations.map(({ apply }) =>
    group ? apply(group).rules.filter((rule, at) => JSON.stringify(rule) !== JSON.stringify(before[at])).length : 0,
  );
  expect(mutations.length).toBeGreaterThan(50);
  expect(new Set(changed)).toEqual(new Set([1]));
});

test('limits, comparisons, labels and windows are changed', () => {
  const whats = mutations.map(({ what }) => what);
  expect(whats).toEqual(
    expect.arrayContaining([
      '0.5 -> 0.6',
      '> -> <',
      '1115 -> 2230',
      'response_gap -> response_gapx',
      '5 -> 10',
      'for 2m -> 4m',
    ]),
  );
});

test('the same seed chooses the same', () => {
  const draw = (seed: number) => Array.from({ length: 5 }, createRandom(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true);
});
