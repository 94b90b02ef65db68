import type { Limit, Thresholds } from '../model.ts';
import { listDurationBoundsMs } from './buckets.ts';

/** One limit as the kit takes it (`StageLimit`), with its id. */
type LimitOption = Pick<Limit, 'id' | 'stage' | 'provider' | 'warningMs' | 'criticalMs'>;

/** What a bot that uses the kit is told of the thresholds. Milliseconds. */
export type KitOptions = {
  readonly limits: readonly LimitOption[];
  /** `deadAirMs` of `tapMediaStream`: a silence longer than this is told. */
  readonly deadAirMs: number;
  /** Bounds of the histograms that alerts count in: a limit that is none of them can not be measured exactly. */
  readonly boundsMs: readonly number[];
};

/** The kit's limits, and what an override of one of them is checked against. */
export function generateKitOptions(thresholds: Thresholds): KitOptions {
  return {
    limits: thresholds.limits.map(({ id, stage, provider, warningMs, criticalMs }) => ({
      id,
      stage,
      ...(provider === undefined ? {} : { provider }),
      warningMs,
      criticalMs,
    })),
    deadAirMs: thresholds.deadAir.warningMs,
    boundsMs: listDurationBoundsMs(thresholds),
  };
}
