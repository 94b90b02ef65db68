import { checkOptions, type OptionRule, wrongOption } from '../check-options.ts';
import { ErrorType, Stage, type StageName } from '../conventions/index.ts';
import { writeExport } from './export-file.ts';
import type { Measure, MeasureFilter } from './measure.ts';
import { lineOf } from './measure-line.ts';
import {
  createMeasureRing,
  isMeant,
  type MeasureEntry,
  type MeasureKind,
  type MeasureRing,
  statusOf,
} from './measure-ring.ts';

/** How many measures are kept. */
export const KEPT_MEASURES = 10_000;

/** Figures of a stage (of one provider, where it is told), over the measures that are kept. Times are milliseconds. */
export type StageStatistics = {
  readonly stage: StageName;
  readonly provider?: string;
  readonly count: number;
  readonly errors: number;
  readonly timeouts: number;
  /** Cut short by the caller; no error. */
  readonly cancelled: number;
  /** Errors and timeouts by count, 0 to 1. */
  readonly errorShare: number;
  readonly minMs: number;
  readonly meanMs: number;
  /** Percentiles by nearest rank: the smallest measured time that at least so many per cent do not exceed. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/**
 * What the stages of this process took, without any backend. All figures are over the last 10,000 measures; the rest of
 * the process's life is in its metrics. Asking costs milliseconds: nothing for the middle of a call.
 */
export type Statistics = {
  /** Measures that are kept now, at most 10,000. */
  readonly kept: number;
  /** Measures since the start, or since `reset`. */
  readonly recorded: number;
  /** One row a stage, the one with the most measures first. */
  byStage(): StageStatistics[];
  /** One row for each stage and provider; a stage without a provider has a row without one. */
  byProvider(): StageStatistics[];
  /**
   * The last measures, newest first.
   * @param count how many at most, default 10
   * @throws TypeError when `count` is no whole number from 0, or the filter knows no such property
   */
  recent(count?: number, filter?: MeasureFilter): Measure[];
  /**
   * The mean duration, in milliseconds, of what ended within the last `minutes`; undefined when nothing did.
   * @throws TypeError when `minutes` is no number above 0, or the filter knows no such property
   */
  average(minutes: number, filter?: MeasureFilter): number | undefined;
  /**
   * Writes everything that is kept to a JSON file: `{ exported_at, recorded, kept, stages, providers, measures }`, its
   * measures like the lines of the measures file. The file is whole or not there at all.
   * @throws what the file system says
   */
  exportTo(path: string): Promise<void>;
  /** Forgets every measure. */
  reset(): void;
};

/** Statistics, and the way into them. */
export type OpenStatistics = Statistics & { add(entry: MeasureEntry): void };

/** @param now monotonic milliseconds, for tests */
export function createStatistics(
  capacity: number = KEPT_MEASURES,
  now: () => number = () => performance.now(),
): OpenStatistics {
  // Its columns are made with the first measure: a process that measures nothing pays nothing.
  let ring: MeasureRing | undefined;
  let recorded = 0;
  const visit: MeasureRing['visit'] = (visitor) => ring?.visit(visitor);
  const statistics: OpenStatistics = {
    get kept() {
      return ring?.size ?? 0;
    },
    get recorded() {
      return recorded;
    },
    add(entry) {
      ring ??= createMeasureRing(capacity);
      ring.add(entry);
      recorded += 1;
    },
    byStage: () => summarize(visit, false),
    byProvider: () => summarize(visit, true),
    recent(count = 10, filter = {}) {
      if (!Number.isInteger(count) || count < 0) throw wrongOption('count', count, 'a whole number from 0');
      checkOptions('recent', filter, FILTER);
      const found: Measure[] = [];
      visit((kept, read) => {
        if (found.length >= count) return false;
        if (isMeant(filter, kept.kind)) found.push(read());
        return true;
      });
      return found;
    },
    average(minutes, filter = {}) {
      if (!(typeof minutes === 'number' && minutes > 0)) throw wrongOption('minutes', minutes, 'a number above 0');
      checkOptions('average', filter, FILTER);
      const sinceMs = now() - minutes * 60_000;
      let sum = 0;
      let count = 0;
      visit(({ kind, endedAtMs, durationMs }) => {
        if (endedAtMs < sinceMs || !isMeant(filter, kind)) return true;
        sum += durationMs;
        count += 1;
        return true;
      });
      return count === 0 ? undefined : sum / count;
    },
    exportTo: (path) => writeExport(path, exportOf(statistics, recorded)),
    reset() {
      ring = undefined;
      recorded = 0;
    },
  };
  return statistics;
}

function exportOf(statistics: Statistics, recorded: number): object {
  const { kept } = statistics;
  return {
    exported_at: new Date().toISOString(),
    recorded,
    kept,
    stages: statistics.byStage(),
    providers: statistics.byProvider(),
    measures: statistics.recent(kept).map(lineOf),
  };
}

const STAGES = new Set<unknown>(Object.values(Stage));
const FILTER: Readonly<Record<keyof MeasureFilter, OptionRule>> = {
  stage: { isRight: (value) => STAGES.has(value), expected: `one of ${[...STAGES].join(', ')}` },
  provider: { isRight: (value) => typeof value === 'string', expected: 'the name of a provider' },
};

type Group = {
  readonly kind: MeasureKind;
  readonly durations: number[];
  errors: number;
  timeouts: number;
  cancelled: number;
};

function summarize(visit: MeasureRing['visit'], isByProvider: boolean): StageStatistics[] {
  const groups = new Map<string, Group>();
  visit(({ kind, durationMs, errorType }) => {
    const key = isByProvider ? JSON.stringify([kind.stage, kind.provider]) : kind.stage;
    const group = groups.get(key) ?? { kind, durations: [], errors: 0, timeouts: 0, cancelled: 0 };
    groups.set(key, group);
    group.durations.push(durationMs);
    const status = statusOf(errorType);
    if (status === 'error') group.errors += 1;
    else if (status === 'timeout') group.timeouts += 1;
    else if (errorType === ErrorType.cancelled) group.cancelled += 1;
    return true;
  });
  return [...groups.values()]
    .map((group) => rowOf(group, isByProvider ? group.kind.provider : undefined))
    .sort((one, other) => other.count - one.count);
}

function rowOf({ kind, durations, errors, timeouts, cancelled }: Group, provider: string | undefined): StageStatistics {
  const sorted = Float64Array.from(durations).sort();
  const count = sorted.length;
  return {
    stage: kind.stage,
    ...(provider === undefined ? {} : { provider }),
    count,
    errors,
    timeouts,
    cancelled,
    errorShare: (errors + timeouts) / count,
    minMs: sorted[0] ?? 0,
    meanMs: sorted.reduce((sum, one) => sum + one, 0) / count,
    p50Ms: nearestRank(sorted, 50),
    p95Ms: nearestRank(sorted, 95),
    p99Ms: nearestRank(sorted, 99),
    maxMs: sorted[count - 1] ?? 0,
  };
}

/** Nearest rank, of values in ascending order: the value at position ceil(percent x n / 100), counted from one. */
function nearestRank(sorted: Float64Array, percent: number): number {
  return sorted[Math.ceil((percent * sorted.length) / 100) - 1] ?? 0;
}
