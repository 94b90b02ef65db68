import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { OWN } from './stage/own-files.ts';
import { runTool } from './stage/run-tool.ts';

type Rule = {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
};
type RuleFile = { groups: { name: string; rules: Rule[] }[] };
type TestFile = {
  readonly tests: readonly {
    readonly promql_expr_test?: readonly {
      readonly expr: string;
      readonly exp_samples?: readonly { readonly labels: string }[];
    }[];
  }[];
};

const read = (file: string) => parse(readFileSync(file, 'utf8')) as unknown;
const filesOf = (folder: string) => readdirSync(folder).map((file) => join(folder, file));
const ruleFiles = filesOf(OWN.rules);
const testFiles = filesOf(OWN.ruleTests);
const rules = ruleFiles.flatMap((file) => (read(file) as RuleFile).groups ?? []).flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);

let copy: string;
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'callspan-rules-'));
  cpSync('collector/prometheus', copy, { recursive: true });
});
afterEach(() => rmSync(copy, { recursive: true }));

/** Changes the first rule of a copied file that `isMeant`. */
function change(file: string, isMeant: (rule: Rule) => boolean, to: (expr: string) => string): void {
  const path = join(copy, 'rules', file);
  const content = read(path) as RuleFile;
  const rule = content.groups.flatMap((group) => group.rules).find(isMeant);
  if (!rule) throw new Error(`no such rule in ${file}`);
  Object.assign(rule, { expr: to(rule.expr) });
  writeFileSync(path, stringify(content));
}

test('promtool takes the configuration and every rule', () => {
  const { code, output } = runTool('promtool', 'check', 'config', '--lint=all', '--lint-fatal', OWN.prometheus);
  const found = [...output.matchAll(/SUCCESS: (\d+) rules found/g)].reduce((sum, match) => sum + Number(match[1]), 0);
  expect([code, output]).toEqual([0, expect.stringContaining('SUCCESS')]);
  expect(found).toBe(rules.length);
});

test('promtool refuses a copy with a rule that is no PromQL', () => {
  change(
    'limits.rules.generated.yaml',
    () => true,
    (expr) => `${expr} and (`,
  );
  const { code, output } = runTool('promtool', 'check', 'config', join(copy, 'prometheus.yml'));
  expect([code, output]).toEqual([1, expect.stringContaining('could not parse expression')]);
});

test('promtool passes the tests of every rule', () => {
  const { code, output } = runTool('promtool', 'test', 'rules', ...testFiles);
  process.stdout.write(
    `${rules.length} rules, ${alerts.length} of them alerts, in ${testFiles.length} files of tests\n`,
  );
  expect([code, output]).toEqual([0, expect.any(String)]);
}, 600_000);

test('promtool fails when a figure in a copy is another than the tests say', () => {
  const isMeant = ({ alert }: Rule) => alert === 'CallspanMemoryHigh';
  change('services.rules.generated.yaml', isMeant, (expr) => expr.replace(/> \d+/, '> 900000000000'));
  const { code, output } = runTool('promtool', 'test', 'rules', join(copy, 'tests', 'services.test.generated.yaml'));
  expect([code, output]).toEqual([1, expect.stringContaining('CallspanMemoryHigh')]);
}, 60_000);

test('each alert has a test in which it fires and one in which it is silent', () => {
  const checks = testFiles
    .flatMap((file) => (read(file) as TestFile).tests ?? [])
    .flatMap((one) => one.promql_expr_test ?? [])
    .filter(({ expr }) => /^ALERTS\{[^}]*alertstate="firing"[^}]*\}$/.test(expr));
  const isTested = (rule: Rule, firing: boolean) => {
    const own: Readonly<Record<string, string>> = { alertname: rule.alert ?? '', ...rule.labels };
    return checks.some(({ expr, exp_samples = [] }) => {
      const asked = Object.entries(labelsOf(expr)).every(
        ([name, value]) => own[name] === undefined || own[name] === value,
      );
      const isAsked = asked && Object.keys(labelsOf(expr)).some((name) => own[name] !== undefined);
      const fires = exp_samples.some(({ labels }) => {
        const found = labelsOf(labels);
        return Object.entries(own).every(([name, value]) => found[name] === value);
      });
      return isAsked && fires === firing;
    });
  };
  const name = ({ alert, labels }: Rule) => `${alert} ${JSON.stringify(labels)}`;
  expect(alerts.length).toBeGreaterThan(20);
  expect(alerts.filter((rule) => !isTested(rule, true)).map(name)).toEqual([]);
  // It says that alarms work, and is never silent.
  const others = alerts.filter(({ alert }) => alert !== 'Watchdog');
  expect(others.filter((rule) => !isTested(rule, false)).map(name)).toEqual([]);
});

/** `ALERTS{limit="setup"}` as `{limit: 'setup'}`. */
function labelsOf(series: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...series.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
}
