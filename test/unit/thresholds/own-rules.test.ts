import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../../thresholds/run-command.ts';

const OWN = `own_rules:
  expensive_calls:
    severity: warning
    expr: sum(increase(voice_cost_total[1h])) > 20
    for: 5m
    summary: "Calls cost {{ $value }} dollars."
    firing: { 'voice_cost_total{gen_ai_request_model="a"}': 0+1x90 }
    silent: { 'voice_cost_total{gen_ai_request_model="a"}': 0+0.1x90 }
`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-own-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command on the project's file with one rule more, beside a promtool that answers so. */
async function run(command: readonly string[], answer: { readonly says: string; readonly mode?: number }) {
  const file = join(folder, 'own.yaml');
  writeFileSync(file, readFileSync('thresholds/thresholds.yaml', 'utf8').replace('own_rules: {}\n', OWN));
  const promtool = join(folder, 'promtool-9.0.0', 'promtool');
  mkdirSync(join(folder, 'promtool-9.0.0'));
  const code = answer.says === '' ? 0 : 1;
  const lines = [`process.stderr.write(${JSON.stringify(answer.says)});`, `process.exitCode = ${code};`];
  writeFileSync(promtool, `#!${process.execPath}\n${lines.join('\n')}\n`);
  chmodSync(promtool, answer.mode ?? 0o755);
  const said: string[] = [];
  const keep = (line: string) => void said.push(line.replaceAll(folder, ''));
  const args = command.map((word) => (word === 'FILE' ? file : word));
  const exitCode = await runCommand(args, { env: { CALLSPAN_ENGINES_DIR: folder }, print: keep, printError: keep });
  return { exitCode, said: said.join('\n') };
}

const rule = 'own.rules.generated.yaml: 7:15: group "callspan-own", rule 1, "CallspanOwnExpensiveCalls":';

test.each([
  [`FAILED:\n${rule} could not parse expression: 1:5: parse error: unknown function`, 'expr: is no PromQL: 1:5: parse'],
  [`FAILED:\n${rule} annotation "summary": template: __alert:1: undefined variable`, 'summary: is no template: 1: und'],
  ['FAILED:\n2:33: parse error: unexpected identifier "hello"\n', 'firing or silent is no series: parse error: unexp'],
  ['FAILED:\n    expr: "x", time: 1h,\n        exp: {} 1E+00\n        got: {} 0E+00\n', 'firing: it does not fire at'],
  ['FAILED:\n    expr: "x", time: 1h,\n        exp: {} 0E+00\n        got: {} 1E+00\n', 'silent: it fires at the end'],
  ['FAILED:\n  something else\n', 'expensive_calls: something else'],
])('check places in the file what promtool says of an own rule: %j', async (says, told) => {
  const { exitCode, said } = await run(['check', 'FILE'], { says });
  expect(exitCode).toBe(1);
  expect(said).toMatch(/^\/own\.yaml:1\d\d:\d+ own_rules\.expensive_calls/);
  expect(said).toContain(told);
  expect(said).not.toContain('is right');
});

test('check is content with an own rule that promtool is content with', async () => {
  const { exitCode, said } = await run(['check', 'FILE'], { says: '' });
  expect(exitCode).toBe(0);
  expect(said).toMatch(/^\S+ is right: .*bounds of the histogram of span durations$/);
});

test('check says that own rules are not tried where no promtool runs', async () => {
  const { exitCode, said } = await run(['check', 'FILE'], { says: '', mode: 0o644 });
  expect(exitCode).toBe(0);
  expect(said).toContain('own_rules are not tried: no promtool here');
});

test.each(['expensive_calls', 'CallspanOwnExpensiveCalls'])(
  'explain %s tells the own rule with its expression',
  async (id) => {
    const { said } = await run(['explain', id, '--file', 'FILE'], { says: '' });
    expect(said.match(/^\S.*$/gm)).toEqual(['expensive_calls: a rule of your own']);
    expect(said).toContain('CallspanOwnExpensiveCalls (warning, for 5m)');
    expect(said).toContain('sum(increase(voice_cost_total[1h])) > 20');
  },
);

test('explain of an alert tells each limit that becomes it, and explain of nothing near tells what there is', async () => {
  const { said } = await run(['explain', 'CallspanStageErrorsWarning'], { says: '' });
  expect(said.match(/^\S.*$/gm)?.length).toBeGreaterThan(4);
  rmSync(join(folder, 'promtool-9.0.0'), { recursive: true });
  expect((await run(['explain', 'zzzzzzzz'], { says: '' })).said).toContain('; there are setup, response_gap');
});
