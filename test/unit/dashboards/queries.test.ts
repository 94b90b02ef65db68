import { readFileSync } from 'node:fs';
import { parser as logql } from '@grafana/lezer-logql';
import { parser as traceql } from '@grafana/lezer-traceql';
import { parser as promql } from '@prometheus-io/lezer-promql';
import { Metric, StandardMetric } from 'callspan/conventions';
import { parse } from 'yaml';
import { EngineMetric } from '../../../dashboards/src/engine-metrics.ts';
import type { MetricDescriptor } from '../../../otel/src/conventions/metrics.ts';
import { translatedName } from '../../../otel/src/conventions/signals/prometheus-names.ts';
import { RESERVED_METRICS } from '../../../otel/src/conventions/signals/reserved-metrics.ts';
import { BACKUP_METRIC } from '../../../thresholds/generate/rules/backup.ts';
import { RULE_FILES, rulePath } from '../../../thresholds/generate/rules.ts';
import { fillVariables, listQueries, readBoards } from '../../helpers/boards.ts';
import { readTempoRecordings } from '../../helpers/tempo-recordings.ts';

type Language = { parse(text: string): { iterate(spec: { enter(node: Node): void }): void } };
type Node = {
  readonly type: { readonly isError: boolean };
  readonly name: string;
  readonly from: number;
  readonly to: number;
};

/** Texts of the nodes with a name; of syntax errors, where `name` is missing. */
function textsOf(language: Language, text: string, name?: string): string[] {
  const found: string[] = [];
  language.parse(text).iterate({
    enter(node) {
      if (name === undefined ? node.type.isError : node.name === name) found.push(text.slice(node.from, node.to));
    },
  });
  return found;
}

const ofPrometheus = listQueries('prometheus').map(
  ({ where, query }) => [where, fillVariables(query.expr ?? '')] as const,
);
const ofLoki = listQueries('loki').map(({ where, query }) => [where, fillVariables(query.expr ?? '')] as const);
const ofTempo = listQueries('tempo').map(({ where, query }) => [where, fillVariables(query.query ?? '')] as const);

test.each([
  ['PromQL', promql, ofPrometheus, 120],
  ['LogQL', logql, ofLoki, 20],
  ['TraceQL', traceql, ofTempo, 10],
] as const)('every %s query of the boards is one', (_, language, queries, atLeast) => {
  expect(queries.length).toBeGreaterThanOrEqual(atLeast);
  expect(queries.filter(([, text]) => textsOf(language, text).length > 0)).toEqual([]);
  // The grammars see what is none.
  expect(textsOf(language, `${queries[0]?.[1]} )`)).not.toEqual([]);
});

test('every metric that a board asks for is one of the conventions, of the rules, or one that an engine is known to have', () => {
  const known = new Set([...listOurs(), ...listRecorded(), ...listOfEngines()]);
  const asked = ofPrometheus.flatMap(([where, text]) => metricsOf(text).map((name) => [where, name] as const));
  expect(asked.length).toBeGreaterThan(150);
  expect(asked.filter(([, name]) => !known.has(name))).toEqual([]);
});

test('what the rules record is asked by labels that they keep, so that choosing an environment empties no panel', () => {
  const groups = RULE_FILES.flatMap((name) => (parse(readFileSync(rulePath(name), 'utf8')) as RuleFile).groups);
  const kept = new Set(
    groups
      .flatMap(({ rules }) => rules.filter(({ record }) => record))
      .flatMap(({ expr, labels = {} }) => [
        ...Object.keys(labels),
        ...[...expr.matchAll(/ by \(([^)]*)\)/g)].flatMap(([, by = '']) => by.split(', ')),
      ]),
  );
  const asked = ofPrometheus.flatMap(([where, text]) =>
    textsOf(promql, text, 'VectorSelector')
      .filter((selector) => selector.includes('callspan:'))
      .flatMap((selector) => [...selector.matchAll(/[{,]([a-z]\w*)(?:=|!)/g)].map(([, label = '']) => [where, label])),
  );
  expect(asked.length).toBeGreaterThan(50);
  expect(asked.filter(([, label = '']) => !kept.has(label))).toEqual([]);
});

type RuleFile = {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly record?: string;
      readonly expr: string;
      readonly labels?: Readonly<Record<string, string>>;
    }[];
  }[];
};

function metricsOf(text: string): string[] {
  // By a selector's name, or by one that may end with _total or not.
  const byMatcher = [...text.matchAll(/__name__=~"([^"]+)"/g)].flatMap(([, names = '']) => names.split('|'));
  return [...textsOf(promql, text, 'VectorSelector').map(nameOf), ...byMatcher].flatMap((name) => (name ? [name] : []));
}

function nameOf(selector: string): string | undefined {
  return /^[a-zA-Z_:][\w:]*/.exec(selector)?.[0];
}

function listOurs(): string[] {
  const all: MetricDescriptor[] = [...Object.values(Metric), ...Object.values(StandardMetric), ...RESERVED_METRICS];
  return [BACKUP_METRIC, ...all.flatMap((metric) => seriesOf(translatedName(metric), metric.kind))];
}

function seriesOf(name: string, kind: string): string[] {
  return kind === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${name}_${part}`) : [name];
}

function listRecorded(): string[] {
  const texts = RULE_FILES.map((name) => readFileSync(rulePath(name), 'utf8'));
  return texts.flatMap((text) => [...text.matchAll(/record: (\S+)/g)].map(([, name = '']) => name));
}

function listOfEngines(): string[] {
  const all = Object.values(EngineMetric).flatMap((metric) => ('name' in metric ? [metric] : Object.values(metric)));
  expect(all.every(({ source }) => source.length > 10)).toBe(true);
  return all.flatMap(({ name, kind }) => [...seriesOf(name, kind), `${name}(_total)?`, `${name}(_bytes)?`]);
}

test('the names of the variables are those that the boards have', () => {
  for (const board of readBoards()) {
    const own = new Set(board.templating.list.map(({ name }) => name));
    const used = [...JSON.stringify(board.panels).matchAll(/\$(?!__)(\w+)/g)].map(([, name = '']) => name);
    expect(used.filter((name) => !own.has(name))).toEqual([]);
  }
});

test('every division has a guard against nothing', () => {
  const bare = ofPrometheus.filter(([where, text]) => {
    const divisions = [...text.matchAll(/\/ (?!\*)(.+?)$/g)].map(([, rest = '']) => rest);
    // Totals of a host are never 0.
    return !where.startsWith('callspan-pipeline / ') && divisions.some((rest) => !rest.includes('> 0'));
  });
  expect(bare).toEqual([]);
});

test('every TraceQL query has the form of one that a real Tempo has answered', () => {
  const answered = readTempoRecordings().filter(({ status, note, query }) => status === 200 && !note && query.q);
  const forms = new Set(answered.map(({ query }) => formOf(String(query.q))));
  expect(forms.size).toBeGreaterThan(20);
  expect(ofTempo.filter(([, text]) => !forms.has(formOf(text)))).toEqual([]);
  expect(forms.has(formOf('{ name = "a" } >> { name = "b" }'))).toBe(false);
});

/** A query without its own values: the same grammar, operators and kinds of fields. */
function formOf(text: string): string {
  return text
    .replaceAll(/"[^"]*"/g, 'TEXT')
    .replaceAll(/\b\d+(\.\d+)?(ms|s|m|h)\b/g, 'DURATION')
    .replaceAll(/\b\d+(\.\d+)?\b/g, 'NUMBER')
    .replaceAll(/span\.[\w.]+/g, 'span.ATTRIBUTE')
    .replaceAll(/select\(span\.ATTRIBUTE(, span\.ATTRIBUTE)*\)/g, 'select(ATTRIBUTES)');
}

test('durations of spans show the calls behind them', () => {
  const drawn = listQueries('prometheus').filter(({ query, panel }) => {
    return panel.type === 'timeseries' && /histogram_quantile\(.*traces_span_metrics_duration/.test(query.expr ?? '');
  });
  expect(drawn.length).toBeGreaterThan(25);
  expect(drawn.filter(({ query }) => query.exemplar !== true).map(({ where }) => where)).toEqual([]);
});

test('Loki is asked by its three index labels first, and by everything else behind the selector', () => {
  const INDEXED = ['service_name', 'service_namespace', 'deployment_environment_name'];
  const selectors = ofLoki.flatMap(([where, text]) =>
    textsOf(logql, text, 'Selector').map((selector) => [where, selector] as const),
  );
  expect(selectors.length).toBeGreaterThanOrEqual(ofLoki.length);
  const others = selectors.filter(([, selector]) =>
    [...selector.matchAll(/[{,]\s*(\w+)\s*[=!]/g)].some(([, label = '']) => !INDEXED.includes(label)),
  );
  expect(others).toEqual([]);
});
