import type { Limit, Thresholds } from '../model.ts';

/** A limit as the page draws it: a row without `provider` is for every provider that has no row of its own. Milliseconds. */
type PageLimit = Pick<Limit, 'stage' | 'provider' | 'warningMs' | 'criticalMs'>;

/** What the page draws as dashed lines. */
export type PageThresholds = { readonly limits: readonly PageLimit[] };

/** The limits of every stage, for the page. */
export function generatePage({ limits }: Thresholds): PageThresholds {
  return {
    limits: limits.map(({ stage, provider, warningMs, criticalMs }) => ({
      stage,
      ...(provider === undefined ? {} : { provider }),
      warningMs,
      criticalMs,
    })),
  };
}
