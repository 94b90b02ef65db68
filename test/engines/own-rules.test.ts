import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from '../../thresholds/run-command.ts';
import { OWN_TEXT } from '../helpers/thresholds-text.ts';
import { enginePath } from './build/engines.ts';

const OWN = `own_rules:
  expensive_calls:
    severity: warning
    expr: sum(increase(voice_cost_total[1h])) > 20
    for: 5m
    summary: 'Calls cost {{ $value | printf "%.2f" }} dollars.'
    firing: { 'voice_cost_total{gen_ai_request_model="a"}': 0+1x90 }
    silent: { 'voice_cost_total{gen_ai_request_model="a"}': 0+0.1x90 }
`;

/** What `check` says of the project's file with that rule, one place of it changed. */
async function check(right: string, wrong: string): Promise<{ readonly code: number; readonly said: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-own-'));
  try {
    const file = join(folder, 'own.yaml');
    writeFileSync(file, OWN_TEXT.replace('own_rules: {}\n', OWN.replace(right, wrong)));
    const said: string[] = [];
    const keep = (line: string) => void said.push(line);
    const env = { CALLSPAN_ENGINES_DIR: dirname(dirname(enginePath('promtool'))) };
    const code = await runCommand(['check', file], { env, print: keep, printError: keep });
    return { code, said: said.join('\n') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('check lets an own rule pass that does what its series say', async () => {
  expect((await check('', '')).code).toBe(0);
});

test.each([
  ['sum(increase', 'sum(incraese', /own_rules\.expensive_calls\.expr: is no PromQL: .*incraese/],
  ['[1h])) >', '[1h]) >', /own_rules\.expensive_calls\.expr: is no PromQL: .*parenthesis/],
  ['$value |', '$valu |', /own_rules\.expensive_calls\.summary: is no template: .*\$valu/],
  ['0+1x90', 'hello', /own_rules\.expensive_calls: firing or silent is no series: .*hello/],
  ['0+1x90', '0+0.1x90', /own_rules\.expensive_calls\.firing: it does not fire/],
  ['0+0.1x90', '0+1x90', /own_rules\.expensive_calls\.silent: it fires/],
])('check refuses an own rule with %j made %j', async (right, wrong, told) => {
  const { code, said } = await check(right, wrong);
  expect(code).toBe(1);
  expect(said).toMatch(told);
});
