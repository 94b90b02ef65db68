import type { EventLoopLimit, Logger, StageLimit } from 'callspan';
import { readLimitFile } from './limit-file.ts';
import { applyOverrides } from './limit-overrides.ts';

/** What is too slow, in milliseconds of a clock that runs like a real one. */
export type BotLimits = {
  readonly stages: readonly StageLimit[];
  /** A silence of both sides longer than this is told. */
  readonly deadAirMs: number;
  /** How long the process may do nothing else. */
  readonly eventLoopBlocked: EventLoopLimit;
};

/** Where limits come from. */
export type LimitSource = {
  /** Made from the thresholds by `npm run generate`. */
  readonly file: string;
  /** `CALLSPAN_THRESHOLD_<ID>[_<PROVIDER>]_WARNING_MS` and `_CRITICAL_MS`, as they were set. */
  readonly overrides: Readonly<Record<string, string>>;
};

/**
 * Reads the limits and puts the overrides over them.
 * @throws Error of one line that names the file or the variable, its value and what is expected
 */
export function readLimits({ file, overrides }: LimitSource): BotLimits {
  const { limits, deadAir, eventLoopBlocked } = applyOverrides(readLimitFile(file), overrides);
  const stages = limits.map(({ stage, provider, warningMs, criticalMs }) => ({
    stage,
    ...(provider === undefined ? {} : { provider }),
    warningMs,
    criticalMs,
  }));
  const { warningMs, criticalMs } = eventLoopBlocked;
  return { stages, deadAirMs: deadAir.warningMs, eventLoopBlocked: { warningMs, criticalMs } };
}

/** The limits that are in force in a running bot. */
export type RunningLimits = {
  /** For `createCallspan`: the same list for ever, whose rows change at a reload. Divided by the speed of the clock. */
  readonly stages: readonly StageLimit[];
  /** For calls that start now. Not divided: the tap counts it on the media clock. */
  readonly deadAirMs: number;
  /** For `createCallspan`: asked at each look. Not divided: the process is as fast as it is. */
  readonly eventLoopBlocked: EventLoopLimit;
  /** Reads the file again. What it refuses is told in one line, and the limits before stay in force. */
  reload(): void;
};

/** Puts limits into force. @param speed the clock runs so many times faster than a real one */
export function runLimits(
  {
    limits,
    limitSource,
    speed,
  }: { readonly limits: BotLimits; readonly limitSource: LimitSource; readonly speed: number },
  logger: Pick<Logger, 'info' | 'error'>,
): RunningLimits {
  const stages = atSpeed(limits, speed);
  let running = limits;
  return {
    stages,
    get deadAirMs() {
      return running.deadAirMs;
    },
    eventLoopBlocked: {
      get warningMs() {
        return running.eventLoopBlocked.warningMs;
      },
      get criticalMs() {
        return running.eventLoopBlocked.criticalMs;
      },
    },
    reload() {
      try {
        running = readLimits(limitSource);
        stages.splice(0, stages.length, ...atSpeed(running, speed));
        logger.info(`limits read again from ${limitSource.file}: in force from now on`, { limits: stages.length });
      } catch (error) {
        logger.error(`limits not read again, the ones before stay in force: ${(error as Error).message}`);
      }
    },
  };
}

function atSpeed({ stages }: BotLimits, speed: number): StageLimit[] {
  return stages.map((row) => ({ ...row, warningMs: row.warningMs / speed, criticalMs: row.criticalMs / speed }));
}
