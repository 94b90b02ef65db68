import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadThresholds, readLinks, THRESHOLDS_FILE } from '../config.ts';
import type { RuleGroup } from '../generate/rules/rule-file.ts';
import { listRuleGroups } from '../generate/rules.ts';
import { type Command, UsageError } from './command.ts';
import { compareRules, type RuleDifference } from './compare-rules.ts';
import { type ListedRule, listRules } from './rule-list.ts';
import { fetchRunningRules, formatExpression } from './running-rules.ts';

/** `diff`: what would change if the rules of the file were put into force. */
export const diffCommand: Command = {
  usage: 'diff [--file FILE] (--prometheus URL | --rules RULES.yaml...)',
  purpose: 'what the file would change in the rules that run: + added, - removed, ~ changed',
  async run(args, { env, print }) {
    const { file, prometheus, rules } = readArguments(args);
    const groups = Object.values(listRuleGroups(loadThresholds({ file, env }), readLinks(env))).flat();
    const wanted = listRules(groups);
    const difference =
      prometheus === undefined
        ? await compareRules(wanted, rules.flatMap(readRuleFile), (expr) => Promise.resolve(oneLine(expr)))
        : await compareRules(wanted, await fetchRunningRules(prometheus), async (expr) =>
            oneLine(await formatExpression(prometheus, expr)),
          );
    for (const line of describeDifference(difference)) print(line);
    return isNothing(difference) ? 0 : 1;
  },
};

type Arguments = { readonly file: string; readonly prometheus: string | undefined; readonly rules: readonly string[] };

function readArguments(args: readonly string[]): Arguments {
  const options = { file: { type: 'string' }, prometheus: { type: 'string' }, rules: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const { file, prometheus, rules = false } = values;
    if ((prometheus === undefined) !== rules || rules !== positionals.length > 0) {
      throw new UsageError('diff takes either --prometheus and a URL, or --rules and files of rules');
    }
    if (prometheus !== undefined && !/^https?:\/\//.test(prometheus)) {
      throw new UsageError(`--prometheus must be a URL that begins with http:// or https://, is ${prometheus}`);
    }
    return { file: file === undefined ? THRESHOLDS_FILE : resolve(file), prometheus, rules: positionals };
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`diff: ${(error as Error).message.split('. ', 1)[0]}`);
  }
}

const Texts = z.record(z.string(), z.coerce.string());
const Annotated = Texts.default({}).transform((annotations) => ({
  summary: '',
  description: '',
  runbook_url: '',
  ...annotations,
}));
const FileRule = z.union([
  z.object({ record: z.string(), expr: z.string(), labels: Texts.optional() }),
  z.object({
    alert: z.string(),
    expr: z.string(),
    for: z.string().optional(),
    keep_firing_for: z.string().optional(),
    labels: Texts.default({}),
    annotations: Annotated,
  }),
]);
const RuleFile = z.object({
  groups: z.array(z.object({ name: z.string(), interval: z.string().optional(), rules: z.array(FileRule) })).nullable(),
});

function readRuleFile(path: string): readonly ListedRule[] {
  try {
    const { groups } = RuleFile.parse(parse(readFileSync(path, 'utf8')));
    return listRules((groups ?? []) as readonly RuleGroup[]);
  } catch (error) {
    const isShape = error instanceof z.ZodError;
    const reason = isShape ? 'it has no groups of rules' : (error as Error).message.split('\n')[0];
    throw new UsageError(`${path} is no file of rules: ${reason}`);
  }
}

function oneLine(expr: string): string {
  return expr.replaceAll(/\s+/g, ' ').trim();
}

function isNothing({ added, removed, changed }: RuleDifference): boolean {
  return added.length + removed.length + changed.length === 0;
}

function describeDifference(difference: RuleDifference): readonly string[] {
  if (isNothing(difference)) return ['no difference'];
  const { added, removed, changed } = difference;
  return [
    ...added.map((name) => `+ ${name}`),
    ...removed.map((name) => `- ${name}`),
    ...changed.flatMap(({ name, changes }) => [
      `~ ${name}`,
      ...changes.map(({ what, running, wanted }) => `    ${what}: ${aroundDifference(running, wanted).join(' -> ')}`),
    ]),
    `${added.length} added, ${removed.length} removed, ${changed.length} changed`,
  ];
}

const LONGEST = 60;
const CONTEXT = 20;

/** The part of two texts in which they differ, with a little of what is around it. */
function aroundDifference(one: string, other: string): readonly [string, string] {
  if (Math.max(one.length, other.length) <= LONGEST) return [one || 'nothing', other || 'nothing'];
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  let tail = 0;
  const shorter = Math.min(one.length, other.length) - start;
  while (tail < shorter && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  const cut = (text: string) => {
    const from = Math.max(0, start - CONTEXT);
    const to = Math.min(text.length, text.length - tail + CONTEXT);
    return `${from > 0 ? '...' : ''}${text.slice(from, to)}${to < text.length ? '...' : ''}` || 'nothing';
  };
  return [cut(one), cut(other)];
}
