import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { parseTraceQuery } from '../../services/viewer/adapters/traceql/parse.ts';
import { parseFilter, readFilter, readParts } from '../../services/viewer/page/src/model/call-filter.ts';
import { en } from '../../services/viewer/page/src/words/en.ts';
import { sayFilter } from '../../services/viewer/page/src/words/say-filter.ts';
import { loadThresholds } from '../../thresholds/config.ts';
import { ruleTestPath } from '../../thresholds/generate/rule-tests.ts';
import { RULE_FILES, rulePath } from '../../thresholds/generate/rules.ts';
import { fillTemplate } from '../helpers/alert-template.ts';

type Rule = {
  readonly alert?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
};

const NOW_MS = Date.UTC(2026, 10, 21, 20, 30);
/** The alert began to hold ten minutes ago. */
const BEGAN_S = NOW_MS / 1000 - 600;

const rules = RULE_FILES.flatMap((name) => {
  const { groups } = parse(readFileSync(rulePath(name), 'utf8')) as { groups: { rules: Rule[] }[] | null };
  return (groups ?? []).flatMap((group) => group.rules);
});
const linked = rules.flatMap(({ alert, labels = {}, annotations = {} }) => {
  const template = annotations.calls_url ?? '';
  return alert !== undefined && template.includes('traceql=') ? [{ alert, labels, template }] : [];
});

/** What Prometheus answers: the instant at which the alert began, minus what the query takes off. */
function answer(expr: string): number {
  // A label that the series does not have finds no alert.
  expect(expr).not.toContain('=""');
  const [, back] = /^\(ALERTS_FOR_STATE\{.+\} or on \(\) vector\(time\(\)\)\) - (\d+)$/.exec(expr) ?? [];
  return BEGAN_S - Number(back);
}

function openLink({ labels, template }: (typeof linked)[number], series: Readonly<Record<string, string>>): URL {
  // A template sees the labels of its series, not those that the rule adds; recorded series have these two.
  const ofSeries = Object.entries(labels).filter(([key]) => key === 'limit' || key === 'objective');
  const data = { labels: { ...series, ...Object.fromEntries(ofSeries) }, query: answer };
  return new URL(fillTemplate(template, data));
}

const series = (provider: string) => ({
  service_name: 'bot "two" & co, 100%',
  voice_stage: 'any',
  gen_ai_provider_name: provider,
});

test('every alarm about executions has a link to its calls, all of every limit among them', () => {
  const ofLimits = linked.filter(({ alert }) => alert.startsWith('CallspanLimit'));
  expect(ofLimits).toHaveLength(3 * loadThresholds({ env: {} }).limits.length);
  expect(new Set(linked.map(({ alert }) => alert)).size).toBeGreaterThan(5);
});

test.each(['openai', 'none'])(
  'the query and the window of every link are what page and viewer answer (%s)',
  (provider) => {
    for (const link of linked) {
      const { search } = openLink(link, series(provider));
      expect(readFilter(search)).not.toBeNull();
      const { traceql, sinceMs, untilMs } = parseFilter(search, NOW_MS);
      expect(parseTraceQuery(traceql).spansets.kind).toBe('filter');
      expect(traceql).toContain('resource.service.name = "bot \\"two\\" & co, 100%"');
      expect(traceql.includes('gen_ai.provider.name')).toBe(provider !== 'none');
      expect(sinceMs).toBeLessThanOrEqual(BEGAN_S * 1000 - 60_000);
      expect(untilMs).toBeNull();
    }
  },
);

test('the page says the question of every limit in words', () => {
  for (const link of linked.filter(({ alert }) => alert.startsWith('CallspanLimit'))) {
    const { searchParams } = openLink(link, series('openai'));
    const said = sayFilter(en, readParts(searchParams.get('traceql') ?? ''));
    expect(said).toMatch(/^Calls in which the step “.+” took over [\d.]+ m?s, of openai, in bot "two" & co, 100%$/);
  }
});

test('the window of a limit begins where the executions of its first breach were counted from', () => {
  const { limits } = loadThresholds({ env: {} });
  for (const link of linked.filter(({ alert }) => alert.startsWith('CallspanLimit'))) {
    const { windowMs = 0 } = limits.find(({ id }) => id === link.labels.limit) ?? {};
    const { search } = openLink(link, series('openai'));
    expect(parseFilter(search, NOW_MS).sinceMs).toBe(BEGAN_S * 1000 - windowMs - 60_000);
  }
});

test('links are filled in here as promtool does it', () => {
  const text = readFileSync(ruleTestPath('limits'), 'utf8');
  const [, wanted = ''] = /calls_url: (\S+)/.exec(text) ?? [];
  const wantedUrl = new URL(wanted);
  const limit = /exp_labels:(?:(?!exp_annotations)[\s\S])*?limit: (\w+)(?:(?!exp_labels)[\s\S])*calls_url/.exec(
    text,
  )?.[1];
  const link = linked.find(({ alert, labels }) => alert === 'CallspanLimitCritical' && labels.limit === limit);
  if (!link) throw new Error(`no alert of ${limit}`);
  const data = { service_name: 'bot', voice_stage: 'any', gen_ai_provider_name: 'some_provider' };
  const filled = openLink(link, data);
  expect(filled.searchParams.get('traceql')).toBe(wantedUrl.searchParams.get('traceql'));
  expect(wantedUrl.searchParams.get('since')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect([...filled.searchParams.keys()]).toEqual([...wantedUrl.searchParams.keys()]);
});
