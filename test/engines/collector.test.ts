import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Attr } from 'callspan/conventions';
import { parse, stringify } from 'yaml';
import { HMAC_KEY } from './stage/collector.ts';
import { OWN } from './stage/own-files.ts';
import { runToolWith } from './stage/run-tool.ts';

const validate = (...files: readonly string[]) => validateWith(HMAC_KEY, ...files);
const validateWith = (key: string, ...files: readonly string[]) => validateIn({ CALLSPAN_HMAC_KEY: key }, ...files);
const validateIn = (env: Readonly<Record<string, string>>, ...files: readonly string[]) =>
  runToolWith(env, 'otelcol', 'validate', ...files.flatMap((file) => ['--config', file]));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-collector-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A copy of the Collector's file, changed. */
function copyWith(text: string, other: string): string {
  const content = readFileSync(OWN.collector, 'utf8');
  expect(content).toContain(text);
  const file = join(folder, 'otel-collector.yaml');
  writeFileSync(file, content.replace(text, other));
  return file;
}

test('the Collector takes the base pipeline, alone and with sampling laid over it', () => {
  expect(validate(OWN.collector)).toEqual({ code: 0, output: '' });
  expect(validate(OWN.collector, OWN.sampling)).toEqual({ code: 0, output: '' });
});

test('the Collector refuses a copy with a pipeline to nowhere, and one with bounds that are no lengths of time', () => {
  const nowhere = validate(copyWith('exporters: [span_metrics, forward/store', 'exporters: [nobody'));
  expect([nowhere.code, nowhere.output]).toEqual([1, expect.stringContaining('nobody')]);
  const bounds = join(folder, 'bounds.yaml');
  writeFileSync(bounds, stringify(['50ms', 'soon']));
  const soon = validate(copyWith('collector/span-metrics-buckets.generated.yaml', bounds));
  expect([soon.code, soon.output]).toEqual([1, expect.stringContaining('buckets[1]')]);
});

test.each([
  ['no', '', 'hmac_key must not be empty'],
  ['a short', 'a-key-of-31-characters-is-short', 'hmac_key must be at least 32 bytes long'],
])('with %s key for hashes the Collector does not start', (_, key, reason) => {
  const { code, output } = validateWith(key, OWN.collector);
  expect([code, output]).toEqual([1, expect.stringContaining(reason)]);
});

test('a place for its queues that is no folder is said at once', () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const { code, output } = validateIn({ CALLSPAN_HMAC_KEY: HMAC_KEY, CALLSPAN_COLLECTOR_DATA: file }, OWN.collector);
  expect([code, output]).toEqual([1, expect.stringContaining(`${file}/queue: not a directory`)]);
});

test('every exporter to a store keeps on disk what waits, for ever; the one to the viewer does neither', () => {
  const { exporters } = parse(readFileSync(OWN.collector, 'utf8'), { merge: true }) as Exporters;
  const kept = Object.entries(exporters).map(([name, { retry_on_failure, sending_queue }]) => {
    return [name, sending_queue.storage ?? 'memory', retry_on_failure.max_elapsed_time];
  });
  expect(kept).toEqual([
    ['otlp_http/tempo', 'file_storage/queue', 0],
    ['otlp_http/loki', 'file_storage/queue', 0],
    ['otlp_http/prometheus', 'file_storage/queue', 0],
    ['otlp_http/viewer', 'memory', '5s'],
  ]);
});

test('the sampling overlay stands in the way of the store, and of nothing that is counted', () => {
  const base = parse(readFileSync(OWN.collector, 'utf8')) as Pipelines;
  const overlay = parse(readFileSync(OWN.sampling, 'utf8')) as Pipelines;
  expect(Object.keys(overlay.service.pipelines)).toEqual(['traces/store']);
  expect(overlay.service.pipelines['traces/store']?.processors).toEqual(['tail_sampling']);
  expect(base.service.pipelines['traces/in']?.exporters).toEqual(['span_metrics', 'forward/store', 'otlp_http/viewer']);
});

test('every pipeline limits memory first, and spans are counted by the labels of the contract', () => {
  const { service, connectors } = parse(readFileSync(OWN.collector, 'utf8')) as Pipelines & Connectors;
  const received = Object.values(service.pipelines).filter(({ receivers }) => receivers?.includes('otlp'));
  expect(received.map(({ processors }) => processors?.[0])).toEqual(received.map(() => 'memory_limiter'));
  const { dimensions } = connectors.span_metrics;
  expect(dimensions).toEqual(
    [Attr.stage, Attr.providerName, Attr.requestModel, Attr.errorType, Attr.canary].map((name) => ({
      name,
      default: 'none',
    })),
  );
});

type Pipeline = {
  readonly receivers?: readonly string[];
  readonly processors?: readonly string[];
  readonly exporters?: readonly string[];
};
type Pipelines = { readonly service: { readonly pipelines: Readonly<Record<string, Pipeline>> } };
type Connectors = { readonly connectors: { readonly span_metrics: { readonly dimensions: readonly object[] } } };
type Exporters = {
  readonly exporters: Readonly<
    Record<
      string,
      {
        readonly retry_on_failure: { readonly max_elapsed_time: string | number };
        readonly sending_queue: { readonly storage?: string };
      }
    >
  >;
};
