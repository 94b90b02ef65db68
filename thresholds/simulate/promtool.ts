import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { UsageError } from '../commands/command.ts';
import { formatDuration } from '../durations.ts';
import { listRuleGroups } from '../generate/rules.ts';
import type { Thresholds } from '../model.ts';
import { DAY_STEPS, type InputSeries, STEP_MS } from './counters.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = (DAY_STEPS * STEP_MS) / MINUTE_MS;
/** Often enough to see what lasts minutes; a day costs half of what it does each minute. */
const EVALUATED_MS = 2 * MINUTE_MS;

/** An alarm that fires, by its labels, and the minutes of the day at which it does. */
export type Firing = { readonly labels: Readonly<Record<string, string>>; readonly minutes: readonly number[] };

/**
 * The promtool that `npm run test:engines` has built, newest first; else the one of the search path.
 * @param env CALLSPAN_ENGINES_DIR: where engines are kept, default `~/.cache/callspan-engines`
 */
export function findPromtool(env: Readonly<Record<string, string | undefined>>): string {
  const folder = env.CALLSPAN_ENGINES_DIR || join(homedir(), '.cache', 'callspan-engines');
  const built = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('promtool-')) : [];
  const byVersion = built.sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
  return byVersion.map((name) => join(folder, name, 'promtool')).find((path) => existsSync(path)) ?? 'promtool';
}

/**
 * Has promtool evaluate the rules over a day, and asks at each minute what fires.
 * @throws UsageError where promtool cannot be run or does not understand the rules
 */
export async function findFirings(
  promtool: string,
  thresholds: Thresholds,
  series: readonly InputSeries[],
): Promise<readonly Firing[]> {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-simulate-'));
  try {
    // Rules that count their own evaluations are told how often that is.
    const groups = Object.values(listRuleGroups({ ...thresholds, evaluationMs: EVALUATED_MS })).flat();
    writeFileSync(join(folder, 'rules.yaml'), stringify({ groups }, { lineWidth: 0 }));
    writeFileSync(join(folder, 'day.yaml'), writeTest(series));
    return parseFirings(await run(promtool, ['test', 'rules', 'day.yaml'], folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nothing is expected, so that promtool tells of each minute what it has got. */
function writeTest(series: readonly InputSeries[]): string {
  const questions = Array.from({ length: DAY_MINUTES }, (_, minute) => ({
    expr: 'ALERTS{alertstate="firing"}',
    eval_time: `${minute}m`,
    exp_samples: [],
  }));
  return stringify(
    {
      rule_files: ['rules.yaml'],
      evaluation_interval: formatDuration(EVALUATED_MS),
      tests: [{ interval: formatDuration(STEP_MS), input_series: series, promql_expr_test: questions }],
    },
    { lineWidth: 0 },
  );
}

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('error', (cause) =>
    reject(
      new UsageError(
        `${command} cannot be run (${cause.message}): npm run test:engines builds it, --promtool names another`,
        { cause },
      ),
    ),
  );
  child.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  return promise;
}

const QUESTION = /^\s*expr: .*, time: (.+),$/;
const ANSWER = /^\s*got: ?(.*)$/;

/** @param output of `promtool test rules`: for each question its time and what it got */
export function parseFirings(output: string): readonly Firing[] {
  const minutes = new Map<string, number[]>();
  let minute = Number.NaN;
  for (const line of output.split('\n')) {
    const time = QUESTION.exec(line)?.[1];
    if (time !== undefined) minute = minutesOf(time);
    const got = ANSWER.exec(line)?.[1];
    if (got === undefined) continue;
    for (const [labels] of got.matchAll(/\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}/g)) {
      minutes.set(labels, [...(minutes.get(labels) ?? []), minute]);
    }
  }
  // The sign of life fires always: without it nothing was evaluated.
  if (minutes.size === 0) throw new UsageError(`promtool told nothing of the rules: ${output.trim().slice(0, 1000)}`);
  return [...minutes].map(([text, at]) => ({ labels: parseLabels(text), minutes: at }));
}

function minutesOf(time: string): number {
  const parts = [...time.matchAll(/(\d+)([dhms])/g)];
  const unit: Readonly<Record<string, number>> = { d: 1440, h: 60, m: 1, s: 1 / 60 };
  return parts.reduce((sum, [, count, name = '']) => sum + Number(count) * (unit[name] ?? Number.NaN), 0);
}

function parseLabels(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)];
  return Object.fromEntries(pairs.map(([, name = '', value = '""']) => [name, JSON.parse(value) as string]));
}
