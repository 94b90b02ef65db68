import { readFileSync } from 'node:fs';
import { parser as logql } from '@grafana/lezer-logql';
import { parser as promql } from '@prometheus-io/lezer-promql';
import { Attr } from 'callspan/conventions';
import { parse } from 'yaml';
import { Label, labelOf, SpanMetric } from '../../../thresholds/generate/rules/promql.ts';
import { expandProvisioned } from '../../helpers/boards.ts';

type Tag = { readonly key: string; readonly value: string };
type Source = {
  readonly uid: string;
  readonly type: string;
  readonly url: string;
  readonly editable: boolean;
  readonly isDefault?: boolean;
  readonly jsonData: {
    readonly alertmanagerUid?: string;
    readonly exemplarTraceIdDestinations?: readonly { readonly name: string; readonly datasourceUid: string }[];
    readonly tracesToLogsV2?: { readonly datasourceUid: string; readonly query: string; readonly tags: readonly Tag[] };
    readonly tracesToMetrics?: {
      readonly datasourceUid: string;
      readonly tags: readonly Tag[];
      readonly queries: readonly { readonly name: string; readonly query: string }[];
    };
    readonly serviceMap?: { readonly datasourceUid: string };
    readonly derivedFields?: readonly {
      readonly matcherRegex: string;
      readonly datasourceUid: string;
      readonly url: string;
    }[];
  };
};

const text = readFileSync('dashboards/provisioning/datasources/callspan.yaml', 'utf8');
const { datasources } = parse(text) as { datasources: readonly Source[] };
const { prometheus, tempo, loki, alertmanager } = Object.fromEntries(datasources.map((source) => [source.uid, source]));

/** A variable of Grafana as it stands in a query. */
const variable = (name: string) => `\${${name}}`;

function isParsed(language: { parse(query: string): { toString(): string } }, query: string): boolean {
  return !language.parse(query).toString().includes('⚠');
}

test('the four stores are where docker compose runs them, fixed, with Prometheus first', () => {
  const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
    services: Record<string, { ports: readonly string[] }>;
  };
  expect(datasources.map(({ uid }) => uid)).toEqual(['prometheus', 'tempo', 'loki', 'alertmanager']);
  for (const { uid, type, url, editable } of datasources) {
    const { hostname, port } = new URL(url);
    expect([uid, type, hostname, editable]).toEqual([uid, uid, uid, false]);
    expect(services[hostname]?.ports.map((published) => published.split(':').at(-1))).toContain(port);
  }
  expect(datasources.filter(({ isDefault }) => isDefault)).toEqual([prometheus]);
});

test('each way from one signal to another ends in a source that there is', () => {
  const ends = [
    prometheus?.jsonData.alertmanagerUid,
    ...(prometheus?.jsonData.exemplarTraceIdDestinations ?? []).map(({ datasourceUid }) => datasourceUid),
    tempo?.jsonData.tracesToLogsV2?.datasourceUid,
    tempo?.jsonData.tracesToMetrics?.datasourceUid,
    tempo?.jsonData.serviceMap?.datasourceUid,
    ...(loki?.jsonData.derivedFields ?? []).map(({ datasourceUid }) => datasourceUid),
  ];
  expect(ends).toEqual(['alertmanager', 'tempo', 'loki', 'prometheus', 'prometheus', 'tempo']);
  expect(alertmanager?.type).toBe('alertmanager');
  expect(prometheus?.jsonData.exemplarTraceIdDestinations?.[0]?.name).toBe('trace_id');
});

test('a span asks Loki for the lines of its trace, by an index label and then by the trace', () => {
  const { query = '', tags = [] } = tempo?.jsonData.tracesToLogsV2 ?? {};
  const sent = expandProvisioned(query);
  expect(sent).toBe(`{${variable('__tags')}} | trace_id="${variable('__trace.traceId')}"`);
  const labels = tags.map(({ key, value }) => [labelOf(key), value]);
  expect(labels).toEqual([['service_namespace', 'service_namespace']]);
  const filled = sent
    .replace(variable('__tags'), 'service_namespace="callspan"')
    .replace(variable('__trace.traceId'), 'a'.repeat(32));
  expect(isParsed(logql, filled)).toBe(true);
});

test('a span asks Prometheus for the durations, rate and errors of its step', () => {
  const { queries = [], tags = [] } = tempo?.jsonData.tracesToMetrics ?? {};
  expect(tags.map(({ key, value }) => [key, value])).toEqual([
    [Attr.serviceName, Label.service],
    [Attr.stage, Label.stage],
    [Attr.providerName, Label.provider],
  ]);
  expect(queries).toHaveLength(3);
  for (const { query } of queries) {
    expect(expandProvisioned(query)).toContain('{$__tags');
    expect(isParsed(promql, expandProvisioned(query).replace('$__tags', `${Label.service}="bot"`))).toBe(true);
  }
  const names = [SpanMetric.bucket, SpanMetric.calls, SpanMetric.calls];
  expect(queries.map(({ query }, index) => query.includes(`${names[index]}{`))).toEqual([true, true, true]);
});

test('a line leads to its trace by its label', () => {
  const [field] = loki?.jsonData.derivedFields ?? [];
  expect(field?.matcherRegex).toBe('trace_id');
  expect(expandProvisioned(field?.url ?? '')).toBe(variable('__value.raw'));
});
