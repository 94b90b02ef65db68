import { createRequire } from 'node:module';
import type { ViewOptions } from '@opentelemetry/sdk-metrics';
import { StandardMetric, type StandardMetricDescriptor } from '../conventions/standard-metrics.ts';

// CommonJS for the same reason as in sdk/start.ts.
const load = createRequire(import.meta.url);

/** Sets of labels of one instrument; what comes after them is counted in one set, `otel.metric.overflow`. */
export const CARDINALITY_LIMIT = 200;

/** Instruments of others that carry more than the conventions keep, or other bounds. */
const ADJUSTED: readonly StandardMetricDescriptor[] = [
  StandardMetric.httpServerDuration,
  StandardMetric.httpClientDuration,
  StandardMetric.dbOperationDuration,
  StandardMetric.dbConnectionCount,
];

/**
 * Brings the instruments of instrumentations to the conventions: bounds of histograms, closed labels only. An instrument
 * matched here has one storage for all readers, and what a reader has not collected yet is kept for it: a reader that
 * is never asked would grow for ever, so the kit makes one reader and no second (see `createMetricReaders`).
 */
export function createMetricViews(): ViewOptions[] {
  const { AggregationType, createAllowListAttributesProcessor } = load(
    '@opentelemetry/sdk-metrics',
  ) as typeof import('@opentelemetry/sdk-metrics');
  return ADJUSTED.map(({ name, labels, buckets }): ViewOptions => {
    const bounds = { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [...(buckets ?? [])] } };
    return {
      instrumentName: name,
      attributesProcessors: [createAllowListAttributesProcessor([...labels])],
      aggregationCardinalityLimit: CARDINALITY_LIMIT,
      ...(buckets ? { aggregation: bounds as NonNullable<ViewOptions['aggregation']> } : {}),
    };
  });
}
