import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type KeyPath, parseYamlFile } from '../document.ts';
import { generateRuleTests, ruleTestPath } from '../generate/rule-tests.ts';
import { generateRules, rulePath } from '../generate/rules.ts';
import type { OwnRule, Thresholds } from '../model.ts';
import { ThresholdsError, type ThresholdsProblem } from '../problems.ts';

/** Ninety samples take promtool a moment; an expression without end is given up. */
const GIVE_UP_MS = 30_000;

type Fault = { readonly path: KeyPath; readonly reason: string };

/**
 * Has promtool read the rules that were written by hand and try them under their series: a wrong expression would make
 * Prometheus refuse every rule of its file, and no schema sees it.
 * @param file that the thresholds were read from
 * @param shown its name in problems
 * @returns false where there is no promtool to ask
 * @throws ThresholdsError with the line of each rule that promtool refuses or that does not do what its series say
 */
export function tryOwnRules(
  thresholds: Thresholds,
  { file, shown, promtool }: { readonly file: string; readonly shown: string; readonly promtool: string },
): boolean {
  const yaml = parseYamlFile(readFileSync(file, 'utf8'));
  const problems: ThresholdsProblem[] = [];
  for (const rule of thresholds.ownRules) {
    const output = askPromtool({ ...thresholds, ownRules: [rule] }, promtool);
    if (output === undefined) return false;
    for (const { path, reason } of listFaults(output)) {
      const at = ['own_rules', rule.id, ...path];
      const place = 'placeOf' in yaml ? yaml.placeOf(at) : { line: 1, column: 1 };
      problems.push({ ...place, path: at.join('.'), reason });
    }
  }
  if (problems.length > 0) throw new ThresholdsError(shown, problems);
  return true;
}

/** @returns what promtool says of rules that are wrong, empty where they are right, undefined where it cannot be run */
function askPromtool(thresholds: Thresholds & { readonly ownRules: readonly OwnRule[] }, promtool: string) {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-own-rules-'));
  try {
    const write = (path: string, text: string) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    };
    write(rulePath('own'), generateRules(thresholds, 'own'));
    write(ruleTestPath('own'), generateRuleTests(thresholds, 'own'));
    const { error, status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', ruleTestPath('own')], {
      cwd: folder,
      encoding: 'utf8',
      timeout: GIVE_UP_MS,
    });
    if (status === 0) return '';
    if (error !== undefined && Object(error).code !== 'ETIMEDOUT') return undefined;
    return `${stdout}${stderr}` || 'promtool gave no answer';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** promtool's words, without the paths of files that nobody wrote. */
function listFaults(output: string): readonly Fault[] {
  if (output === '') return [];
  const expression = /could not parse expression: (.+)/.exec(output)?.[1];
  if (expression !== undefined) return [{ path: ['expr'], reason: `is no PromQL: ${expression}` }];
  const template = /annotation "summary": template: [^:]+:(.+)/.exec(output)?.[1];
  if (template !== undefined) return [{ path: ['summary'], reason: `is no template: ${template}` }];
  const series = /^\d+:\d+: (parse error: .+)/m.exec(output)?.[1];
  if (series !== undefined) return [{ path: [], reason: `firing or silent is no series: ${series}` }];
  const wanted = [...output.matchAll(/^\s*exp: \{\} (\S+)/gm)].map((match) => Number(match[1]) > 0);
  if (wanted.length === 0) return [{ path: [], reason: output.replace('FAILED:', '').trim().replaceAll(/\s+/g, ' ') }];
  return wanted.map((isToFire) =>
    isToFire
      ? { path: ['firing'], reason: 'it does not fire at the end of these series' }
      : { path: ['silent'], reason: 'it fires at the end of these series' },
  );
}
