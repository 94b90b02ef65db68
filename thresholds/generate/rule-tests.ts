import type { Thresholds } from '../model.ts';
import { backupTests } from './rule-tests/backup.ts';
import { countedTests } from './rule-tests/counted.ts';
import { errorTests } from './rule-tests/errors.ts';
import { limitTests } from './rule-tests/limits.ts';
import { OBJECTIVE_EVALUATION_MS, objectiveTests } from './rule-tests/objectives.ts';
import { ownTests } from './rule-tests/own.ts';
import { pipelineTests } from './rule-tests/pipeline.ts';
import { serviceTests } from './rule-tests/services.ts';
import { type TestGroup, testFile } from './rule-tests/test-file.ts';
import { trafficTests } from './rule-tests/traffic.ts';
import { wordTests } from './rule-tests/words.ts';
import { BACKUP_EVALUATION_MS } from './rules/backup.ts';
import { type Links, LOCAL_LINKS } from './rules/words.ts';
import type { RuleFileName } from './rules.ts';

/** Where the tests of a file of rules lie, from the project's folder. */
export function ruleTestPath(name: RuleFileName): string {
  return `collector/prometheus/tests/${name}.test.generated.yaml`;
}

const TESTS: Readonly<Record<RuleFileName, (thresholds: Thresholds, links: Links) => readonly TestGroup[]>> = {
  limits: (thresholds, links) => [
    ...limitTests(thresholds),
    ...errorTests(thresholds),
    ...wordTests(thresholds, links),
  ],
  counted: countedTests,
  objectives: objectiveTests,
  services: (thresholds) => [...serviceTests(thresholds), ...trafficTests(thresholds)],
  pipeline: pipelineTests,
  backup: backupTests,
  own: ownTests,
};

/** Files whose rules are evaluated in steps of their own. */
const EVALUATION_MS: Partial<Record<RuleFileName, number>> = {
  objectives: OBJECTIVE_EVALUATION_MS,
  backup: BACKUP_EVALUATION_MS,
};

/** Tests for promtool of one file of rules; YAML. */
export function generateRuleTests(thresholds: Thresholds, name: RuleFileName, links: Links = LOCAL_LINKS): string {
  const evaluationMs = EVALUATION_MS[name] ?? thresholds.evaluationMs;
  return testFile([name], evaluationMs, TESTS[name](thresholds, links));
}
