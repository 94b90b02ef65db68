import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser as logql } from '@grafana/lezer-logql';
import { parser as traceql } from '@grafana/lezer-traceql';
import { parser as promql } from '@prometheus-io/lezer-promql';
import { listPageQueries } from '../../helpers/page-queries.ts';

type Language = {
  parse(text: string): {
    iterate(spec: { enter(node: { type: { isError: boolean }; name: string; from: number; to: number }): void }): void;
  };
};

const RULES = 'collector/prometheus/rules';

function textsOf(language: Language, text: string, isWanted: (node: { name: string; isError: boolean }) => boolean) {
  const found: string[] = [];
  language.parse(text).iterate({
    enter({ type, name, from, to }) {
      if (isWanted({ name, isError: type.isError })) found.push(text.slice(from, to));
    },
  });
  return found;
}

const isBroken = (language: Language, text: string) => textsOf(language, text, ({ isError }) => isError).length > 0;

test.each([
  ['promql', promql, 25],
  ['logql', logql, 35],
  ['traceql', traceql, 12],
] as const)('every %s query of the pages is one', (name, language, atLeast) => {
  const queries = listPageQueries(name);
  expect(queries.length).toBeGreaterThanOrEqual(atLeast);
  expect(queries.filter(([, text]) => isBroken(language, text))).toEqual([]);
  // The grammars see what is none.
  expect(isBroken(language, `${queries[0]?.[1]} )`)).toBe(true);
});

const signals = readFileSync('docs/signals.md', 'utf8');
const rules = readdirSync(RULES)
  .map((file) => readFileSync(join(RULES, file), 'utf8'))
  .join('\n');

test('every metric of the pages is one that is written, recorded by a rule, or an engine’s', () => {
  const names = listPageQueries('promql').flatMap(([, text]) =>
    textsOf(promql, text, ({ name }) => name === 'Identifier'),
  );
  const isKnown = (name: string) => {
    const plain = name.replace(/_(bucket|sum|count)$/, '');
    return signals.includes(`\`${plain}\``) || rules.includes(plain) || name === 'ALERTS';
  };
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !isKnown(name))).toEqual([]);
});

test('the rule of one’s own that the thresholds show is about a metric and labels that are written', () => {
  const [example = ''] = /^#.*expr:.*?(?=^own_rules)/ms.exec(readFileSync('thresholds/thresholds.yaml', 'utf8')) ?? [];
  const shown = [...example.matchAll(/([a-z]\w+_[a-zA-Z_]+)(?:\{(\w+)=|\[)/g)];
  expect(shown).toHaveLength(3);
  for (const [, metric = '', label] of shown) {
    const row = signals.split('\n').find((line) => line.includes(`\`${metric}\``)) ?? 'no such metric';
    expect([metric, row]).toEqual([metric, expect.stringContaining(metric)]);
    if (label) expect(row.replaceAll('.', '_')).toContain(`\`${label}\``);
  }
});

test('every attribute that a page asks calls for is one that spans carry', () => {
  const keys = listPageQueries('traceql').flatMap(([, text]) =>
    [...text.matchAll(/(?:span|resource)\.([a-z_.]+[a-z_])/g)].map((match) => match[1] ?? ''),
  );
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.filter((key) => !signals.includes(`\`${key}\``) && !RESOURCE.includes(key))).toEqual([]);
});
const RESOURCE = ['service.name', 'host.name', 'deployment.environment.name'];

test('every event that a page looks for is one that is written', () => {
  const events = listPageQueries('logql').flatMap(([, text]) =>
    [...text.matchAll(/event_name=~?"([^"]+)"/g)].flatMap((match) => (match[1] ?? '').split('|')),
  );
  expect(events.length).toBeGreaterThan(5);
  expect(events.filter((event) => !signals.includes(`\`${event}\``))).toEqual([]);
});
