import { Metric, Stage, StandardMetric } from 'callspan/conventions';
import { Label } from '../generate/rules/promql.ts';
import type { Thresholds } from '../model.ts';
import { BOT } from './day.ts';
import { outageParts } from './outage.ts';
import { HOUR_MS, MINUTE_MS, type Part } from './part.ts';

/** A day that is simulated. */
export type Scenario = {
  readonly name: string;
  readonly description: string;
  /** On such a day every alarm is a false one. */
  readonly isHealthy: boolean;
  /** Calls an hour, by the hour of the local day (`13.5` is half past one). */
  readonly callsPerHour: (hour: number) => number;
  readonly parts: readonly Part[];
};

/** Minutes of the local day in which most calls come, where the thresholds expect none. */
const OPEN = { fromMinute: 480, toMinute: 1140 } as const;
const BUSY_CALLS_PER_HOUR = 40;

/** Many calls in the hours in which they are expected, few around them, next to none at night. */
function officeHours({ traffic }: Thresholds): (hour: number) => number {
  const { fromMinute, toMinute } = traffic?.hours ?? OPEN;
  // So many that a healthy day has no pause of the length that is told.
  const busy = Math.max(BUSY_CALLS_PER_HOUR, (16 * HOUR_MS) / (traffic?.noneForMs ?? HOUR_MS));
  return (hour) => {
    const minute = hour * 60;
    if (minute >= fromMinute && minute < toMinute) return busy;
    return minute >= fromMinute - 60 && minute < toMinute + 180 ? 6 : 0.4;
  };
}

/** The four days. Hours are the local ones of `atHour`, which turns them into milliseconds of the simulated day. */
export function listScenarios(thresholds: Thresholds, atHour: (hour: number) => number): readonly Scenario[] {
  const usual = officeHours(thresholds);
  return [
    {
      name: 'healthy-day',
      description: 'office hours, a deployment in the morning, an error now and then',
      isHealthy: true,
      callsPerHour: usual,
      parts: [deployment(atHour(11)), strayErrors(thresholds, atHour)],
    },
    {
      name: 'slow-provider',
      description: 'from noon the first token takes four times its critical limit, for 45 minutes',
      isHealthy: false,
      callsPerHour: usual,
      parts: [slowFirstToken(thresholds, atHour(12))],
    },
    {
      name: 'outage',
      description: 'one thing after the other breaks: models, the bot, records, memory, the Collector',
      isHealthy: false,
      callsPerHour: usual,
      parts: outageParts(thresholds, atHour),
    },
    {
      name: 'quiet-night',
      description: 'a few calls, one with a slow provider, hours without any',
      isHealthy: true,
      callsPerHour: thresholds.traffic ? usual : () => 0.5,
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

/** More turns than this has no call (calls.ts). */
const MOST_TURNS = 9;

/** Each execution of one call takes as long as its critical limit allows, over its warning: too few to say anything. */
function oneSlowCall({ limits }: Thresholds, fromMs: number): Part {
  const rows = limits.filter(({ stage }) => stage === Stage.transcription);
  const isTold = rows.some(({ minExecutions }) => minExecutions <= MOST_TURNS);
  if (rows.length === 0 || isTold) return { fromMs, toMs: fromMs };
  const durationMs = Math.min(...rows.map(({ criticalMs }) => criticalMs));
  const trouble = { slowMs: { [Stage.transcription]: durationMs } };
  return { fromMs, toMs: fromMs + 3 * MINUTE_MS, isOnlyCall: true, trouble };
}
