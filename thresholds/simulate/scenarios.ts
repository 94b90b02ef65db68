import { Metric, Stage, StandardMetric } from 'callspan/conventions';
import { Label } from '../generate/rules/promql.ts';
import type { Thresholds } from '../model.ts';
import type { Trouble } from './calls.ts';
import type { Gap } from './counters.ts';
import { BOT, type Day } from './day.ts';
import type { Expected } from './expected.ts';
import { outageParts } from './outage.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;

/** Something that goes wrong, or looks as if, from one instant of the day to another. */
export type Part = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly trouble?: Trouble;
  /** A call that comes at its beginning, beside those that come by chance. */
  readonly hasCall?: boolean;
  /** What else is measured meanwhile. */
  readonly happen?: (day: Day) => void;
  readonly gaps?: readonly Gap[];
  /** Alarms that the executions of calls do not tell of. */
  readonly expected?: readonly Expected[];
};

/** A day that is simulated. */
export type Scenario = {
  readonly name: string;
  readonly description: string;
  /** On such a day every alarm is a false one. */
  readonly isHealthy: boolean;
  /** Calls an hour, by the hour of the local day. */
  readonly callsPerHour: (hour: number) => number;
  readonly parts: readonly Part[];
};

const OPEN = { from: 8, to: 19 } as const;

function officeHours(hour: number): number {
  if (hour >= OPEN.from && hour < OPEN.to) return 40;
  return hour >= OPEN.from - 1 && hour < OPEN.to + 3 ? 6 : 0.4;
}

/** The four days. Hours are the local ones of `atHour`, which turns them into milliseconds of the simulated day. */
export function listScenarios(thresholds: Thresholds, atHour: (hour: number) => number): readonly Scenario[] {
  return [
    {
      name: 'healthy-day',
      description: 'office hours, a deployment in the morning, an error now and then',
      isHealthy: true,
      callsPerHour: officeHours,
      parts: [deployment(atHour(11)), strayErrors(thresholds, atHour)],
    },
    {
      name: 'slow-provider',
      description: 'from noon the first token takes four times its critical limit, for 45 minutes',
      isHealthy: false,
      callsPerHour: officeHours,
      parts: [slowFirstToken(thresholds, atHour(12))],
    },
    {
      name: 'outage',
      description: 'one thing after the other breaks: models, the bot, records, memory, the Collector',
      isHealthy: false,
      callsPerHour: officeHours,
      parts: outageParts(thresholds, atHour),
    },
    {
      name: 'quiet-night',
      description: 'a few calls, one with a slow provider, hours without any',
      isHealthy: true,
      callsPerHour: (hour) => (thresholds.traffic ? officeHours(hour) : 0.5),
      parts: [oneSlowCall(thresholds, atHour(3))],
    },
  ];
}

/** The bot is away for half a minute, and counts from 0 again. */
function deployment(fromMs: number): Part {
  const toMs = fromMs + 30_000;
  return { fromMs, toMs, gaps: [{ keeper: BOT, fromMs, toMs }] };
}

/** What a healthy service has as well: a failed answer, lines of severity error, memory that comes and goes. */
function strayErrors({ logErrors, http, memory }: Thresholds, atHour: (hour: number) => number): Part {
  return {
    fromMs: 0,
    toMs: 0,
    happen(day) {
      for (let hour = 0; hour < 24; hour += 2) {
        const atMs = atHour(hour + 0.3);
        day.answer({ service: BOT, atMs, durationMs: http.p95.aboveMs / 4, status: 503 });
        for (let line = 0; line < Math.floor(logErrors.above / 3); line += 1) {
          day.count(Metric.logRecords, { [Label.service]: BOT, severity: 'error' }, atMs + line * MINUTE_MS);
        }
      }
      const wave = (atMs: number) => Math.round(memory.aboveBytes * (0.5 + 0.3 * Math.sin(atMs / HOUR_MS)));
      day.gauge(StandardMetric.processMemory, { [Label.service]: BOT }, wave);
    },
  };
}

function slowFirstToken({ limits }: Thresholds, fromMs: number): Part {
  const criticalMs = limits.find(({ stage }) => stage === Stage.llmFirstToken)?.criticalMs ?? 1000;
  return { fromMs, toMs: fromMs + 45 * MINUTE_MS, trouble: { firstTokenMs: 4 * criticalMs } };
}

/** Each execution of one call is over its warning and within its critical limit: too few to say anything. */
function oneSlowCall({ limits }: Thresholds, fromMs: number): Part {
  const slow = limits.find(({ stage }) => stage === Stage.transcription);
  if (!slow || slow.minExecutions < 2) return { fromMs, toMs: fromMs };
  return {
    fromMs,
    toMs: fromMs + 10 * MINUTE_MS,
    hasCall: true,
    trouble: { slowMs: { [Stage.transcription]: (slow.warningMs + slow.criticalMs) / 2 } },
  };
}
