import type { Thresholds } from '../model.ts';
import { limitTests } from './rule-tests/limits.ts';
import { testFile } from './rule-tests/test-file.ts';
import type { RuleFileName } from './rules.ts';

/** Where the tests of a file of rules lie, from the project's folder. */
export function ruleTestPath(name: RuleFileName): string {
  return `collector/prometheus/tests/${name}.test.generated.yaml`;
}

/** Tests for promtool of one file of rules; YAML. */
export function generateRuleTests(thresholds: Thresholds, name: RuleFileName): string {
  const { evaluationMs } = thresholds;
  if (name === 'limits') return testFile(['limits'], evaluationMs, limitTests(thresholds));
  return testFile([name], evaluationMs, []);
}
