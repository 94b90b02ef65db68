import type { Expected } from './expected.ts';
import type { Episode, Judgement } from './judge.ts';
import type { LocalClock, SimulatedDay } from './simulation.ts';

const MINUTE_MS = 60_000;
/** What tells one alarm of a name from another, in the order in which it is said. */
const TOLD = [
  'severity',
  'limit',
  'objective',
  'gen_ai_provider_name',
  'service_name',
  'dependency',
  'exporter',
  'integration',
] as const;
const NAMED_WIDTH = 36;

/** Lines for people: the day, each alarm with its minutes, and the count. */
export function tellDay(day: SimulatedDay, judgement: Judgement, clock: LocalClock): readonly string[] {
  const { scenario, seed, calls, executions } = day;
  const { episodes, missed } = judgement;
  const times = new Intl.NumberFormat('en');
  return [
    `${scenario.name}: ${scenario.description}`,
    `  seed ${seed}, ${times.format(calls)} calls, ${times.format(executions.length)} executions`,
    ...episodes.map((episode) => `  ${describeEpisode(episode, clock)}`),
    ...missed.map((one) => `  MISSED       ${describe(one.alert, one.labels)}`),
    `  ${countWords(judgement)}`,
    '',
  ];
}

/** One line of JSON; minutes are of the day in UTC. */
export function tellDayAsJson(day: SimulatedDay, judgement: Judgement): readonly string[] {
  const { scenario, seed, calls, executions } = day;
  return [
    JSON.stringify({
      scenario: scenario.name,
      seed,
      calls,
      executions: executions.length,
      ...countOf(judgement),
      alarms: judgement.episodes,
      missed: judgement.missed.map(({ alert, labels }) => ({ alert, labels })),
    }),
  ];
}

function describeEpisode({ labels, fromMinute, toMinute, isExpected }: Episode, { hourAt }: LocalClock): string {
  const time = (minute: number) => {
    const ofDay = Math.round(hourAt(minute * MINUTE_MS) * 60);
    return [Math.floor(ofDay / 60), ofDay % 60].map((part) => String(part).padStart(2, '0')).join(':');
  };
  const named = describe(labels.alertname ?? '', labels);
  return `${time(fromMinute)}-${time(toMinute)}  ${named}${isExpected ? '' : '  FALSE'}`;
}

function describe(alert: string, labels: Expected['labels']): string {
  const told = TOLD.flatMap((name) => (labels[name] === undefined || labels[name] === 'none' ? [] : [labels[name]]));
  return `${alert.padEnd(NAMED_WIDTH)} ${told.join(' ')}`;
}

function countOf({ episodes, missed, kept }: Judgement) {
  const wrong = episodes.filter(({ isExpected }) => !isExpected).length;
  return { expected: kept + missed.length, fired: kept, false: wrong };
}

function countWords(judgement: Judgement): string {
  const { expected, fired, false: wrong } = countOf(judgement);
  const alarms = judgement.episodes.length === 0 ? 'no alarm; ' : '';
  return `${alarms}${fired} of ${expected} expected alarms fired, ${wrong} false`;
}
