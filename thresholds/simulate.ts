import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Command, UsageError } from './commands/command.ts';
import { loadThresholds } from './config.ts';
import { type Judgement, judgeDay } from './simulate/judge.ts';
import { findFirings, findPromtool } from './simulate/promtool.ts';
import { tellDay, tellDayAsJson } from './simulate/report.ts';
import type { Scenario } from './simulate/scenarios.ts';
import { clockOf, findScenarios, simulateDay } from './simulate/simulation.ts';

/** What promtool needs of one processor, to be said beforehand. */
const USUALLY = 'about a quarter of a minute for each';

/** Each promtool has a day's samples in memory. */
const MOST_AT_ONCE = 4;

/**
 * `simulate`: goes through days with known faults, has promtool evaluate the rules over them, and says which alarms fire
 * and whether they should. The same seed gives the same days.
 */
export const simulateCommand: Command = {
  usage: 'simulate [--file FILE] [--days N] [--scenario NAME]... [--seed N] [--promtool PATH] [--json]',
  purpose: `which alarms fire on a healthy day, with a slow provider, in an outage, in a quiet night? (promtool; ${USUALLY})`,
  async run(args, { env, print }) {
    const { file, days, seed, scenario, promtool, isJson } = readOptions(args);
    const thresholds = loadThresholds({ env, ...(file !== undefined && { file: resolve(file) }) });
    const scenarios = chooseScenarios(findScenarios(thresholds), scenario);
    const path = promtool ?? findPromtool(env);
    const tell = isJson ? tellDayAsJson : tellDay;
    let isRight = true;
    const runs = Array.from({ length: days }, (_, day) => scenarios.map((one) => [one, seed + day] as const)).flat();
    const atOnce = Math.min(MOST_AT_ONCE, availableParallelism());
    for (let first = 0; first < runs.length; first += atOnce) {
      const judged = runs.slice(first, first + atOnce).map(async ([one, ofDay]) => {
        const day = simulateDay(thresholds, one, ofDay);
        return { day, judgement: judgeDay(await findFirings(path, thresholds, day.series), day.expected) };
      });
      for (const { day, judgement } of await Promise.all(judged)) {
        for (const line of tell(day, judgement, clockOf(thresholds))) print(line);
        isRight &&= isAsExpected(judgement);
      }
    }
    return isRight ? 0 : 1;
  },
};

/** All, or those of these names. @throws UsageError for a name that there is not */
function chooseScenarios(all: readonly Scenario[], names: readonly string[]): readonly Scenario[] {
  const known = all.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`there is no scenario ${unknown}: choose from ${known.join(', ')}`);
  }
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

function isAsExpected({ episodes, missed }: Judgement): boolean {
  return missed.length === 0 && episodes.every(({ isExpected }) => isExpected);
}

type Options = {
  readonly file: string | undefined;
  readonly days: number;
  readonly seed: number;
  readonly scenario: readonly string[];
  readonly promtool: string | undefined;
  readonly isJson: boolean;
};

function readOptions(args: readonly string[]): Options {
  const { file, days, seed, scenario, promtool, json } = parse(args);
  return { file, days: count('days', days, 1), seed: count('seed', seed, 0), scenario, promtool, isJson: json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        days: { type: 'string', default: '1' },
        seed: { type: 'string', default: '1' },
        file: { type: 'string' },
        scenario: { type: 'string', multiple: true, default: [] },
        promtool: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`simulate: ${error instanceof Error ? error.message.split('. ', 1)[0] : String(error)}`);
  }
}

function count(name: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= least) return value;
  throw new UsageError(`--${name} is ${text}; expected a whole number from ${least} on`);
}
