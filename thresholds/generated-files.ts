import { generateSpanMetricsBuckets } from './generate/buckets.ts';
import { generateGrafana } from './generate/grafana.ts';
import { generateKitOptions } from './generate/kit-options.ts';
import { generatePage } from './generate/page.ts';
import { generateAlertmanager } from './generate/routes.ts';
import type { Receivers } from './generate/routes-channels.ts';
import { generateRouteCases } from './generate/routes-table.ts';
import { generateRuleTests, ruleTestPath } from './generate/rule-tests.ts';
import type { Links } from './generate/rules/words.ts';
import { generateRules, RULE_FILES, rulePath } from './generate/rules.ts';
import { generateSampling } from './generate/sampling.ts';
import type { Thresholds } from './model.ts';
import { generateFileSchema } from './schema.ts';

/** A file and what is to stand in it. */
export type GeneratedFile = readonly [path: string, generate: () => string];

/** What generated files are made of beside the thresholds. */
export type GeneratedWith = {
  /** Where alerts lead. */
  readonly links: Links;
  /** Who is told. */
  readonly receivers: Receivers;
};

/** Every file that is made of the thresholds; paths from the project's folder. */
export function listGeneratedFiles(
  thresholds: Thresholds,
  { links, receivers }: GeneratedWith,
): readonly GeneratedFile[] {
  return [
    ['thresholds/thresholds.schema.generated.json', () => json(generateFileSchema())],
    ...RULE_FILES.map((name): GeneratedFile => [rulePath(name), () => generateRules(thresholds, name, links)]),
    ...RULE_FILES.map((name): GeneratedFile => [ruleTestPath(name), () => generateRuleTests(thresholds, name, links)]),
    ['collector/alertmanager/alertmanager.generated.yaml', () => generateAlertmanager(thresholds, receivers)],
    ['collector/alertmanager/routes.generated.json', () => json(generateRouteCases(thresholds))],
    ['collector/span-metrics-buckets.generated.yaml', () => generateSpanMetricsBuckets(thresholds)],
    ['collector/overlays/sampling.generated.yaml', () => generateSampling(thresholds)],
    ['thresholds/generated/kit-options.generated.json', () => json(generateKitOptions(thresholds))],
    ['thresholds/generated/page.generated.json', () => json(generatePage(thresholds))],
    ['dashboards/thresholds.generated.json', () => json(generateGrafana(thresholds))],
  ];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
