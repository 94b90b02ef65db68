import { readFileSync } from 'node:fs';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  Attr,
  BUCKETS,
  gapSegmentKey,
  LogEvent,
  Metric,
  type MetricDescriptor,
  Operation,
  SEGMENTS,
  SpanEvent,
  SpanName,
} from '../../../otel/src/conventions/index.ts';
import { ATTRIBUTE_DESCRIPTORS } from '../../../otel/src/conventions/signals/attribute-descriptors.ts';
import { LOG_DESCRIPTORS } from '../../../otel/src/conventions/signals/log-descriptors.ts';
import { METRIC_DETAILS } from '../../../otel/src/conventions/signals/metric-details.ts';
import { scrapedName, translatedName } from '../../../otel/src/conventions/signals/prometheus-names.ts';
import { RESERVED_METRICS } from '../../../otel/src/conventions/signals/reserved-metrics.ts';
import { SPAN_DESCRIPTORS, SPAN_EVENT_DESCRIPTORS } from '../../../otel/src/conventions/signals/span-descriptors.ts';
import { createInstruments } from '../../../otel/src/instruments.ts';
import { generateSignals } from '../../../scripts/signals-page.ts';

const METRICS: readonly MetricDescriptor[] = Object.values(Metric);
const operationSpans = Object.keys(SPAN_DESCRIPTORS).filter((name) => name.includes('{'));

test.each<[string, object, readonly string[]]>([
  ['attribute', ATTRIBUTE_DESCRIPTORS, [...Object.values(Attr), ...SEGMENTS.map(gapSegmentKey)]],
  ['span', SPAN_DESCRIPTORS, [...Object.values(SpanName), ...operationSpans]],
  ['span event', SPAN_EVENT_DESCRIPTORS, Object.values(SpanEvent)],
  ['log event', LOG_DESCRIPTORS, Object.values(LogEvent)],
  ['metric', METRIC_DETAILS, Object.keys(Metric)],
])('every %s has a descriptor, and no descriptor lacks its name', (_, descriptors, names) => {
  expect(Object.keys(descriptors).sort()).toEqual([...new Set(names)].sort());
  expect(new Set(names).size).toBe(names.length);
  for (const [name, fields] of Object.entries(descriptors)) {
    expect([name, ...Object.values(fields)].filter((value) => typeof value !== 'string' || value === '')).toEqual([]);
  }
});

test('every operation has its span, but that of a turn', () => {
  const described = operationSpans.map((name) => name.split(' ', 1)[0]);
  expect([...described, Operation.invokeAgent].sort()).toEqual(Object.values(Operation).sort());
});

test('every name is spelled as OpenTelemetry spells names', () => {
  const names = [
    ...Object.values(Attr),
    ...METRICS.map(({ name }) => name),
    ...RESERVED_METRICS.map(({ name }) => name),
  ];
  expect(names.filter((name) => !/^[a-z][a-z0-9]*([._][a-z0-9]+)*$/.test(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
});

test('the labels of metrics are attributes, or words of one kind', () => {
  const words = [
    'reason',
    'cause',
    'stage',
    'result',
    'outcome',
    'threshold',
    'level',
    'severity',
    'component',
    'cache',
    'state',
    'dependency',
  ];
  const labels = new Set(METRICS.flatMap((metric) => metric.labels));
  const known: readonly string[] = [...Object.values(Attr), ...words, 'caller'];
  expect([...labels].filter((label) => !known.includes(label))).toEqual([]);
});

test.each<[string, MetricDescriptor['kind'], string, string]>([
  ['voice.dead_air.duration', 'histogram', 's', 'voice_dead_air_duration_seconds'],
  ['voice.media.lost', 'counter', 's', 'voice_media_lost_seconds_total'],
  ['voice.cost', 'counter', '{USD}', 'voice_cost_total'],
  ['voice.call.active', 'updown', '{call}', 'voice_call_active'],
  ['process.uptime', 'gauge', 's', 'process_uptime_seconds'],
  ['process.memory.usage', 'updown', 'By', 'process_memory_usage_bytes'],
  ['process.cpu.utilization', 'gauge', '1', 'process_cpu_utilization_ratio'],
  ['traces.span.metrics.calls', 'counter', '', 'traces_span_metrics_calls_total'],
  ['traces.span.metrics.duration', 'histogram', 'ms', 'traces_span_metrics_duration_milliseconds'],
  ['requests_total', 'counter', '', 'requests_total'],
  ['wait.seconds', 'histogram', 's', 'wait_seconds'],
])('%s is translated from OTLP as Prometheus does it', (name, kind, unit, translated) => {
  expect(translatedName({ name, kind, unit })).toBe(translated);
});

test('the scrape endpoint has the metrics under the names and with the buckets that are documented', async () => {
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  const instruments = createInstruments(provider.getMeter('test'));
  for (const metric of METRICS) instruments.record(metric, 1);
  const { resourceMetrics } = await reader.collect();
  const text = new PrometheusSerializer().serialize(resourceMetrics);
  for (const metric of METRICS) {
    const scraped = scrapedName(metric);
    const sample = metric.kind === 'histogram' ? `${scraped}_count` : scraped;
    expect(text).toMatch(new RegExp(`^${sample}(\\{[^}]*\\})? 1$`, 'm'));
    const bounds = [...text.matchAll(new RegExp(`^${scraped}_bucket\\{[^}]*le="([^"+]+)"`, 'gm'))].map(([, le]) =>
      Number(le),
    );
    expect(bounds).toEqual(metric.buckets ?? []);
  }
  await provider.shutdown();
});

test('every list of buckets grows, and a histogram has one of them', () => {
  for (const bounds of Object.values(BUCKETS)) {
    expect([...bounds].sort((a, b) => a - b)).toEqual([...new Set(bounds)]);
  }
  const lists: readonly (readonly number[])[] = Object.values(BUCKETS);
  const histograms = [...METRICS, ...RESERVED_METRICS].filter(({ kind }) => kind === 'histogram');
  expect(histograms.filter(({ buckets }) => !buckets || !lists.includes(buckets))).toEqual([]);
});

test('docs/signals.md is what the conventions say, and names each of them', () => {
  const page = readFileSync('docs/signals.md', 'utf8');
  expect(page).toBe(generateSignals());
  const names = [
    ...Object.keys(ATTRIBUTE_DESCRIPTORS),
    ...Object.keys(SPAN_DESCRIPTORS),
    ...METRICS.map(translatedName),
  ];
  expect(names.filter((name) => !page.includes(`| \`${name}\` |`))).toEqual([]);
});
