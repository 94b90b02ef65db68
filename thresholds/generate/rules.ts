import type { Thresholds } from '../model.ts';
import { backupGroup } from './rules/backup.ts';
import { countedGroup } from './rules/counted.ts';
import { limitGroups } from './rules/limits.ts';
import { objectiveGroups } from './rules/objectives.ts';
import { ownGroups } from './rules/own.ts';
import { pipelineGroup } from './rules/pipeline.ts';
import { type RuleGroup, toYaml } from './rules/rule-file.ts';
import { serviceGroup } from './rules/services.ts';
import { trafficGroups } from './rules/traffic.ts';
import { type Links, LOCAL_LINKS } from './rules/words.ts';

/** The files of rules, by what stands before `.rules.generated.yaml`. */
export const RULE_FILES = ['limits', 'counted', 'objectives', 'services', 'pipeline', 'backup', 'own'] as const;
export type RuleFileName = (typeof RULE_FILES)[number];

/** Where a file of rules lies, from the project's folder. */
export function rulePath(name: RuleFileName): string {
  return `collector/prometheus/rules/${name}.rules.generated.yaml`;
}

/** The groups of each file, in the order in which Prometheus evaluates them. */
export function listRuleGroups(
  thresholds: Thresholds,
  links: Links = LOCAL_LINKS,
): Readonly<Record<RuleFileName, readonly RuleGroup[]>> {
  return {
    limits: limitGroups(thresholds, links),
    counted: [countedGroup(thresholds, links)],
    objectives: objectiveGroups(thresholds, links),
    services: [serviceGroup(thresholds, links), ...trafficGroups(thresholds, links)],
    pipeline: [pipelineGroup(thresholds, links)],
    backup: [backupGroup(links)],
    own: ownGroups(thresholds, links),
  };
}

/** One file of recording and alert rules for Prometheus; YAML. */
export function generateRules(thresholds: Thresholds, name: RuleFileName, links?: Links): string {
  return toYaml({ groups: listRuleGroups(thresholds, links)[name] });
}
