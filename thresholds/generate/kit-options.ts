import type { Limit, Thresholds } from '../model.ts';
import { listDurationBoundsMs } from './buckets.ts';

/** The two figures of a limit, with its id: `reply` is overridden by `CALLSPAN_THRESHOLD_REPLY_WARNING_MS`. */
type Figures = Pick<Limit, 'id' | 'warningMs' | 'criticalMs'>;

/** What a bot that uses the kit is told of the thresholds. Milliseconds. */
export type KitOptions = {
  /** Each a `StageLimit` of the kit. */
  readonly limits: readonly (Figures & Pick<Limit, 'stage' | 'provider'>)[];
  /** A silence longer than its warning is told: `deadAirMs` of `tapMediaStream`. */
  readonly deadAir: Figures;
  readonly eventLoopBlocked: Figures;
  /** Bounds of the histograms that alerts count in: a figure that is none of them can not be measured exactly. */
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
    deadAir: { id: 'dead_air', ...thresholds.deadAir },
    eventLoopBlocked: { id: 'event_loop_blocked', ...thresholds.eventLoopBlocked },
    boundsMs: listDurationBoundsMs(thresholds),
  };
}
