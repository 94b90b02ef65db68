import { generateSpanMetricsBuckets } from './generate/buckets.ts';
import { generateGrafana } from './generate/grafana.ts';
import { generateKitOptions } from './generate/kit-options.ts';
import { generatePage } from './generate/page.ts';
import { generateSampling } from './generate/sampling.ts';
import type { Thresholds } from './model.ts';
import { generateFileSchema } from './schema.ts';

/** A file and what is to stand in it. */
export type GeneratedFile = readonly [path: string, generate: () => string];

/** Every file that is made of the thresholds; paths from the project's folder. */
export function listGeneratedFiles(thresholds: Thresholds): readonly GeneratedFile[] {
  return [
    ['thresholds/thresholds.schema.generated.json', () => json(generateFileSchema())],
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
