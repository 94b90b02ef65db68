import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { loadThresholds, readLinks } from '../../../thresholds/config.ts';
import { generateRuleTests } from '../../../thresholds/generate/rule-tests.ts';
import { within } from '../../../thresholds/generate/rules/promql.ts';
import type { AlertRule, Rule } from '../../../thresholds/generate/rules/rule-file.ts';
import { LOCAL_LINKS } from '../../../thresholds/generate/rules/words.ts';
import { generateRules, listRuleGroups, RULE_FILES } from '../../../thresholds/generate/rules.ts';
import { makeLimit, makeThresholds } from '../../helpers/made-thresholds.ts';

const own = loadThresholds({ env: {} });
const OFFICE = { days: [1, 2, 3, 4, 5], fromMinute: 480, toMinute: 1140, timeZone: 'Europe/Paris' };
const everything = {
  ...own,
  traffic: { hours: OFFICE, noneForMs: 1_800_000 },
  ownRules: [
    {
      id: 'many_calls',
      severity: 'warning' as const,
      expr: 'sum(voice_call_active) > 20',
      forMs: 60_000,
      keepFiringForMs: 0,
      summary: 'Many calls',
      labels: { team: 'voice' },
      firing: [{ series: 'voice_call_active', values: '30x10' }],
      silent: [{ series: 'voice_call_active', values: '20x10' }],
    },
  ],
};

function rulesOf(thresholds = everything): readonly Rule[] {
  const files = listRuleGroups(thresholds);
  return RULE_FILES.flatMap((name) => files[name]).flatMap(({ rules }) => rules);
}

function alertsOf(thresholds = everything): readonly AlertRule[] {
  return rulesOf(thresholds).filter((rule): rule is AlertRule => 'alert' in rule);
}

type Tests = {
  readonly tests: readonly {
    readonly name: string;
    readonly promql_expr_test: readonly {
      readonly expr: string;
      readonly exp_samples: readonly { readonly labels: string }[];
    }[];
  }[];
};

const checks = RULE_FILES.flatMap((name) => (parse(generateRuleTests(everything, name)) as Tests).tests).flatMap(
  (group) => group.promql_expr_test,
);

/** Whether a selector or a sample speaks of an alert with these labels. */
function speaksOf(text: string, { alert, labels }: AlertRule): boolean {
  const named = new Map([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', value = '']) => [label, value]));
  const fits = (label: string, value: string) => !named.has(label) || named.get(label) === value;
  const isAbout = named.has('alertname') || named.has('limit');
  return isAbout && fits('alertname', alert) && Object.entries(labels).every(([label, value]) => fits(label, value));
}

test('every alert has a test in which it fires, and one in which it does not', () => {
  const alerts = alertsOf().filter(({ alert }) => !alert.startsWith('CallspanOwn'));
  const untested = alerts.filter((alert) => {
    const about = checks.filter(({ expr }) => speaksOf(expr, alert));
    const firing = about.filter(({ exp_samples }) => exp_samples.some(({ labels }) => speaksOf(labels, alert)));
    return firing.length === 0 || (firing.length === about.length && alert.alert !== 'Watchdog');
  });
  expect(alerts.length).toBeGreaterThan(60);
  expect(untested.map(({ alert, labels }) => `${alert} ${JSON.stringify(labels)}`)).toEqual([]);
});

test('every alert leads to a runbook that exists, and every runbook is about an alert', () => {
  const runbooks = alertsOf().map(({ annotations }) => annotations.runbook_url);
  expect(runbooks.filter((path) => !existsSync(path))).toEqual([]);
  const named = new Set(runbooks.map((path) => path.replace(`${LOCAL_LINKS.runbooksUrl}/`, '')));
  expect(readdirSync('docs/runbooks').filter((file) => file !== 'README.md' && !named.has(file))).toEqual([]);
  const index = readFileSync('docs/runbooks/README.md', 'utf8');
  expect([...named].filter((file) => !index.includes(`(${file})`))).toEqual([]);
});

test('a runbook says what its alert means, how it is seen, why it happens, what to do and how to silence it', () => {
  for (const file of readdirSync('docs/runbooks').filter((name) => name !== 'README.md')) {
    const text = readFileSync(`docs/runbooks/${file}`, 'utf8');
    const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
    expect([file, ...headings]).toEqual([file, 'What it means', 'See it', 'Likely causes', 'What to do', 'Silence']);
  }
});

test('limits are counted at exact bounds, never read off a quantile, never extrapolated', () => {
  const expressions = listRuleGroups(everything).limits.flatMap(({ rules }) => rules.map(({ expr }) => expr));
  expect(expressions.filter((expr) => /histogram_quantile|\b(rate|increase|delta)\(/.test(expr))).toEqual([]);
  expect(rulesOf().filter(({ expr }) => expr.includes('histogram_quantile'))).toEqual([]);
});

test.each([
  [1400, '1400', '1400.0', ['14000', '11400', '140']],
  [0.5, '0.5', '0.5', ['005', '10.5']],
])('the bound %s is found as %s and as %s and as nothing else', (bound, byOtlp, scraped, others) => {
  const [, , pattern] = within(bound);
  const found = new RegExp(`^(?:${pattern})$`);
  expect([byOtlp, scraped, ...others].map((text) => found.test(text))).toEqual([
    true,
    true,
    ...others.map(() => false),
  ]);
});

test('a row for everybody leaves out the providers that have rows of their own, letter by letter', () => {
  const row = { stage: 'transcription', warningMs: 2000, criticalMs: 5000 };
  const limits = [
    makeLimit({ ...row, exceptProviders: ['deep.gram', 'a|b'] }),
    makeLimit({ ...row, provider: 'deep.gram' }),
  ];
  const [everybody, special] = listRuleGroups(makeThresholds({ limits })).limits.map(({ rules }) => rules[0]?.expr);
  expect(everybody).toContain('gen_ai_provider_name!~"deep\\\\.gram|a\\\\|b"');
  expect(special).toContain('gen_ai_provider_name="deep.gram"');
});

test('the window of a row is in the names of what it records', () => {
  const limit = makeLimit({ stage: 'save', warningMs: 1000, criticalMs: 3000, windowMs: 600_000 });
  const [group] = listRuleGroups(makeThresholds({ limits: [limit] })).limits;
  const records = (group?.rules ?? []).flatMap((rule) => ('record' in rule ? [rule.record] : []));
  expect(new Set(records)).toEqual(
    new Set([
      'callspan:limit_executions:increase10m',
      'callspan:limit_over:increase10m',
      'callspan:limit_over:ratio10m',
    ]),
  );
});

test('what the file does not ask for has no rule: errors, objectives, traffic, own rules', () => {
  const { limits, objectives, services, own: none } = listRuleGroups(makeThresholds());
  const text = JSON.stringify({ limits, services });
  expect([objectives, none]).toEqual([[], []]);
  expect(text).not.toMatch(/CallspanStageErrors|CallspanNoCalls/);
});

test('an objective over a limit that there is not is refused', () => {
  const objective = { id: 'wait', limit: 'nothing', level: 'critical' as const, target: 0.99, windowMs: 2_592_000_000 };
  expect(() => generateRules(makeThresholds({ objectives: [objective] }), 'objectives')).toThrow(
    'objective wait is about the limit nothing, which there is not',
  );
});

describe('an objective of thirty days', () => {
  const alertsOf = (target: number, minExecutions: number) => {
    const objective = { id: 'w', limit: 'save', level: 'critical' as const, target, windowMs: 30 * 86_400_000 };
    const limit = makeLimit({ stage: 'save', warningMs: 1000, criticalMs: 3000, minExecutions });
    const [group] = listRuleGroups(makeThresholds({ limits: [limit], objectives: [objective] })).objectives;
    return (group?.rules ?? []).flatMap((rule) => ('alert' in rule ? [rule] : []));
  };
  const figures = (expr: string, comparison: RegExp) =>
    [...expr.matchAll(comparison)].map(([, value]) => Number(value));

  test('is one critical alarm and one warning, whichever window burns', () => {
    expect(alertsOf(0.99, 10).map(({ labels }) => labels)).toEqual([
      { severity: 'critical', objective: 'w' },
      { severity: 'warning', objective: 'w' },
    ]);
  });

  test('has burn rates of 14.4, 6 and 1 in both windows; one that needs more than all executions is left out', () => {
    const aboves = (target: number) => alertsOf(target, 10).map(({ expr }) => figures(expr, /> ([\d.]+)/g));
    expect(aboves(0.99)).toEqual([
      [0.144, 0.144, 0.06, 0.06],
      [0.01, 0.01],
    ]);
    expect(aboves(0.9)).toEqual([
      [0.6, 0.6],
      [0.1, 0.1],
    ]);
  });

  test.each([
    [10, [70, 167, 1000]],
    [1, [7, 17, 100]],
    [0, [7, 17, 100]],
  ])('says nothing before so many executions that %i of them may be slow', (minExecutions, fewest) => {
    expect(alertsOf(0.99, minExecutions).flatMap(({ expr }) => figures(expr, />= (\d+)/g))).toEqual(fewest);
  });
});

test('links are those of the environment, without their last slash', () => {
  const links = readLinks({
    CALLSPAN_PAGE_URL: 'https://calls.example/',
    CALLSPAN_RUNBOOKS_URL: 'https://wiki.example/r',
  });
  expect(links).toEqual({ ...LOCAL_LINKS, pageUrl: 'https://calls.example', runbooksUrl: 'https://wiki.example/r' });
  const text = generateRules(own, 'limits', links);
  expect(text).toContain('https://calls.example/?traceql=');
  expect(text).toContain('https://wiki.example/r/CallspanLimitCritical.md');
  expect(text).not.toContain(LOCAL_LINKS.pageUrl);
});

test('the rules of one limit are, word for word, those that were looked at', () => {
  const limits = [
    makeLimit({
      stage: 'save',
      warningMs: 1000,
      criticalMs: 3000,
      errors: { warning: { ratio: 0.05, forMs: 120_000 } },
    }),
  ];
  const golden = readFileSync('test/golden/limits.rules.yaml', 'utf8');
  expect(generateRules(makeThresholds({ limits }), 'limits')).toBe(golden);
});
