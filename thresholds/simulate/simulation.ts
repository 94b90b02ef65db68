import { Metric, type StageName, StandardMetric } from 'callspan/conventions';
import { listOffsets } from '../generate/rules/clock.ts';
import { Label } from '../generate/rules/promql.ts';
import type { Thresholds } from '../model.ts';
import { runCall, type Trouble } from './calls.ts';
import type { InputSeries } from './counters.ts';
import { BOT, createDay, type Day, type Execution, RECORDS } from './day.ts';
import { type Expected, expectAlarms } from './expected.ts';
import { tellCollector } from './outage.ts';
import { HOUR_MS, MINUTE_MS } from './part.ts';
import { createRandom } from './random.ts';
import { listScenarios, type Scenario } from './scenarios.ts';

const DAY_MS = 24 * HOUR_MS;
const LONGEST_CALL_MS = 3 * MINUTE_MS;
/** Longer than the window of a rule. */
const ALONE_MS = 15 * MINUTE_MS;
/** The provider of stages that the thresholds name none for. */
const USUAL_PROVIDER = 'openai';

/** A day that was gone through: its series, and the alarms that are right on it. */
export type SimulatedDay = {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly calls: number;
  readonly executions: readonly Execution[];
  readonly series: readonly InputSeries[];
  readonly expected: readonly Expected[];
};

/** Local time of the simulated day, which begins at midnight UTC of a Thursday in winter (promtool counts from 1970). */
export type LocalClock = {
  /** `13.5` is half past one in the afternoon; the answer is milliseconds of the day. */
  readonly atHour: (hour: number) => number;
  readonly hourAt: (atMs: number) => number;
};

/** The clock of where calls are expected, or of the working hours; UTC without either. */
export function clockOf({ traffic, workingHours }: Thresholds): LocalClock {
  const timeZone = (traffic?.hours ?? workingHours)?.timeZone;
  const offsetMs =
    timeZone === undefined ? 0 : (listOffsets(timeZone, { from: 1970, to: 1970 })[0]?.offsetSeconds ?? 0) * 1000;
  const wrap = (ms: number) => ((ms % DAY_MS) + DAY_MS) % DAY_MS;
  return { atHour: (hour) => wrap(hour * HOUR_MS - offsetMs), hourAt: (atMs) => wrap(atMs + offsetMs) / HOUR_MS };
}

/** Goes through the day of a scenario; the same seed gives the same day. */
export function simulateDay(thresholds: Thresholds, scenario: Scenario, seed: number): SimulatedDay {
  const day = createDay(thresholds);
  tellState(day, thresholds);
  placeCalls(thresholds, scenario, day, seed);
  for (const part of scenario.parts) part.happen?.(day);
  const gaps = scenario.parts.flatMap((part) => part.gaps ?? []);
  return {
    scenario,
    seed,
    calls: day.calls,
    executions: day.executions,
    series: day.list(gaps),
    expected: scenario.isHealthy
      ? []
      : [...expectAlarms(thresholds, day.executions), ...scenario.parts.flatMap((part) => part.expected ?? [])],
  };
}

/** The scenario of a name, for these thresholds. */
export function findScenarios(thresholds: Thresholds): readonly Scenario[] {
  return listScenarios(thresholds, clockOf(thresholds).atHour);
}

function placeCalls(thresholds: Thresholds, scenario: Scenario, day: Day, seed: number): void {
  const random = createRandom(seed);
  const { hourAt } = clockOf(thresholds);
  const isFree = freeTimes(scenario);
  const world = { day, random, providersOf: providersBy(thresholds), troubleAt: troubleOf(scenario) };
  for (const { fromMs, isOnlyCall } of scenario.parts) if (isOnlyCall) runCall(world, fromMs);
  const mostAnHour = Math.max(...Array.from({ length: 24 * 60 }, (_, minute) => scenario.callsPerHour(minute / 60)));
  for (let atMs = 0; ; ) {
    // Thinning: candidates come at the highest rate, and as many are dropped as the hour has fewer.
    atMs += (-Math.log(1 - random()) * HOUR_MS) / mostAnHour;
    if (atMs >= DAY_MS) return;
    const isPlaced = random() < scenario.callsPerHour(hourAt(atMs)) / mostAnHour;
    if (isPlaced && isFree(atMs)) runCall(world, atMs);
  }
}

/** Whether a call can come: the bot is there until it ends, and no call has the line for itself. */
function freeTimes({ parts }: Scenario): (atMs: number) => boolean {
  const gone = parts.flatMap((part) => part.gaps ?? []).filter(({ keeper }) => keeper === BOT);
  const alone = parts.filter(({ isOnlyCall }) => isOnlyCall);
  const busy = [
    ...gone.map(({ fromMs, toMs }) => ({ fromMs: fromMs - LONGEST_CALL_MS, toMs })),
    ...alone.map(({ fromMs, toMs }) => ({ fromMs: fromMs - ALONE_MS, toMs: toMs + ALONE_MS })),
  ];
  return (atMs) => !busy.some(({ fromMs, toMs }) => atMs > fromMs && atMs < toMs);
}

function providersBy({ limits }: Thresholds): (stage: StageName) => readonly string[] {
  return (stage) => {
    const named = limits.flatMap((limit) => (limit.stage === stage && limit.provider ? [limit.provider] : []));
    return [...new Set([USUAL_PROVIDER, ...named])];
  };
}

function troubleOf({ parts }: Scenario): (atMs: number) => Trouble {
  return (atMs) => parts.find(({ fromMs, toMs, trouble }) => trouble && atMs >= fromMs && atMs < toMs)?.trouble ?? {};
}

/** What processes and engines tell of themselves while all is well. */
function tellState(day: Day, { services, memory }: Thresholds): void {
  for (const name of new Set([BOT, RECORDS, ...services.map((service) => service.name)])) {
    const labels = { [Label.service]: name };
    day.gauge(StandardMetric.processUptime, labels, (atMs) => atMs / 1000);
    day.gauge(StandardMetric.processMemory, labels, () => memory.aboveBytes * 0.3);
  }
  day.gauge(Metric.dependencyUp, { [Label.service]: BOT, dependency: USUAL_PROVIDER }, () => 1);
  tellCollector(day);
  day.engine('prometheus_rule_evaluation_failures_total', { rule_group: 'callspan-services' }, () => 0);
  day.engine('alertmanager_notifications_failed_total', { integration: 'slack' }, () => 0);
}
