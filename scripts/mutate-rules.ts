// Do the tests of the rules notice when a rule is changed? Random changes of the generated rules, each put before promtool.
//   node --conditions=source scripts/mutate-rules.ts --seed 1 --count 50 --promtool PATH
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { parse, stringify } from 'yaml';
import { loadThresholds } from '../thresholds/config.ts';
import { generateRuleTests, ruleTestPath } from '../thresholds/generate/rule-tests.ts';
import { listRuleGroups, RULE_FILES, type RuleFileName, rulePath } from '../thresholds/generate/rules.ts';
import type { Thresholds } from '../thresholds/model.ts';
import { createRandom } from '../thresholds/simulate/random.ts';
import { listMutations, type Mutation } from './rule-mutations.ts';

/** Below this share the tests are not good enough. */
const ENOUGH = 0.95;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '50' },
    promtool: { type: 'string', default: 'promtool' },
  },
});
const thresholds = loadThresholds({ env: {} });
const random = createRandom(Number(values.seed));
const all = RULE_FILES.flatMap((file) =>
  listRuleGroups(thresholds)[file].flatMap((group, at) =>
    listMutations(group).map((mutation) => ({ file, group: at, mutation })),
  ),
);
const chosen = pick(all, Number(values.count));
const missed = chosen.filter((change) => !isCaught(change));

for (const { file, mutation } of missed) console.log(`missed: ${file}: ${mutation.name}: ${mutation.what}`);
const share = chosen.length === 0 ? 0 : (chosen.length - missed.length) / chosen.length;
console.log(
  `${chosen.length - missed.length} of ${chosen.length} changes caught (${(share * 100).toFixed(1)} %), seed ${values.seed}, of ${all.length} that are possible`,
);
if (share < ENOUGH) process.exitCode = 1;

type Change = { readonly file: RuleFileName; readonly group: number; readonly mutation: Mutation };

/** Some of a list, each at most once. */
function pick<T>(from: readonly T[], count: number): readonly T[] {
  const left = [...from];
  const picked: T[] = [];
  while (picked.length < count && left.length > 0) picked.push(...left.splice(Math.floor(random() * left.length), 1));
  return picked;
}

/** Limits do not touch each other: of a changed one only its own stage is tested, which is the same and quicker. */
function testedWith({ file, group }: Change): { readonly part: Thresholds; readonly group: number } {
  const limit = thresholds.limits[group];
  if (file !== 'limits' || !limit) return { part: thresholds, group };
  const limits = thresholds.limits.filter(({ stage }) => stage === limit.stage);
  return { part: { ...thresholds, limits, objectives: [] }, group: limits.indexOf(limit) };
}

type TestFile = { readonly tests: readonly object[] };

/** A file for each test, those first that name the changed rule: the first that fails is enough, and they take a second each. */
function inParts(text: string, { name }: Mutation): readonly string[] {
  const file = parse(text) as TestFile;
  const [rule = ''] = name.split(' ', 1);
  const parts = file.tests.map((test) => stringify({ ...file, tests: [test] }));
  return [...parts.filter((part) => part.includes(rule)), ...parts.filter((part) => !part.includes(rule))];
}

function isCaught(change: Change): boolean {
  const { file, mutation } = change;
  const { part, group } = testedWith(change);
  const groups = listRuleGroups(part)[file].map((one, at) => (at === group ? mutation.apply(one) : one));
  const folder = mkdtempSync(join(tmpdir(), 'callspan-mutation-'));
  try {
    const rules = join(folder, 'rules', basename(rulePath(file)));
    const tests = join(folder, 'tests', basename(ruleTestPath(file)));
    for (const path of [rules, tests]) mkdirSync(dirname(path), { recursive: true });
    writeFileSync(rules, stringify({ groups }, { aliasDuplicateObjects: false }));
    return inParts(generateRuleTests(part, file), mutation).some((text) => {
      writeFileSync(tests, text);
      const { status, error } = spawnSync(values.promtool, ['test', 'rules', tests], { stdio: 'ignore' });
      if (error) throw error;
      return status !== 0;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
