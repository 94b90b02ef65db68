import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { OWN, writeAlertmanagerFiles, writeCollectorFile, writePrometheusFiles } from './stage/own-files.ts';
import { shorten, shortenWindows } from './stage/time-factor.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-own-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const SINK = { url: 'http://127.0.0.1:1', smarthost: '127.0.0.1:2' };
const read = (file: string) => parse(readFileSync(file, 'utf8'), { merge: true }) as unknown;

/** The keys under which two documents differ, each with the first pair of values. */
function listChanges(from: unknown, to: unknown, key = ''): ReadonlyMap<string, string> {
  if (typeof from !== 'object' || typeof to !== 'object' || from === null || to === null) {
    return from === to ? new Map() : new Map([[key, `${from} -> ${to}`]]);
  }
  const one = from as Readonly<Record<string, unknown>>;
  const other = to as Readonly<Record<string, unknown>>;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return new Map(
    keys.flatMap((name) => [...listChanges(one[name], other[name], Array.isArray(from) ? key : name)]).reverse(),
  );
}

test('the Collector runs with its own file, flushing and forgetting sooner', () => {
  const changes = listChanges(read(OWN.collector), read(writeCollectorFile(folder)));
  expect(Object.fromEntries(changes)).toEqual({
    metrics_flush_interval: '15s -> 1500ms',
    series_expiration: '30m -> 180000ms',
  });
});

test('Prometheus runs with its own file at other addresses, evaluating sooner', () => {
  const copy = writePrometheusFiles(folder, { '127.0.0.1:9093': '127.0.0.1:1' });
  expect(Object.fromEntries(listChanges(read(OWN.prometheus), read(copy)))).toEqual({
    evaluation_interval: '10s -> 1000ms',
    scrape_interval: '10s -> 1000ms',
    scrape_timeout: '5s -> 500ms',
  });
  const changes = (file: string) =>
    Object.fromEntries(listChanges(read(join(OWN.targets, file)), read(join(folder, 'targets', file))));
  expect(changes('alertmanager.yml')).toEqual({ targets: '127.0.0.1:9093 -> 127.0.0.1:1' });
  expect(changes('engines.yml')).toEqual({});
});

test('rules run as they are, with shorter windows and for a shorter time', () => {
  const rules = join(dirname(writePrometheusFiles(folder, {})), 'rules');
  expect(readdirSync(rules)).toEqual(readdirSync(OWN.rules));
  for (const file of readdirSync(rules)) {
    const changes = listChanges(read(join(OWN.rules, file)), read(join(rules, file)));
    expect([...changes.keys()].filter((key) => !['interval', 'for', 'keep_firing_for', 'expr'].includes(key))).toEqual(
      [],
    );
    const [before = '', after = ''] = (changes.get('expr') ?? '').split(' -> ');
    expect(after.replace(/\[[^\]]*\]/g, '')).toBe(before.replace(/\[[^\]]*\]/g, ''));
  }
});

test('Alertmanager runs with its own routes and receivers, told elsewhere and sooner', () => {
  const changes = listChanges(read(OWN.alertmanager), read(writeAlertmanagerFiles(folder, SINK)));
  const times = ['resolve_timeout', 'group_wait', 'group_interval', 'repeat_interval'];
  const addresses = ['smarthost', 'pagerduty_url', 'smtp_require_tls'];
  const secrets = [...changes.keys()].filter((key) => key.endsWith('_file'));
  expect([...changes.keys()].filter((key) => ![...times, ...addresses, ...secrets].includes(key))).toEqual([]);
  expect(secrets.length).toBeGreaterThan(0);
});

test('a length of time is shortened whatever its units, names of series are not, and what is none is refused', () => {
  expect([shorten('5m', 10), shorten('1h30m', 10), shorten('0s', 10), shorten('3ms', 10)]).toEqual([
    '30000ms',
    '540000ms',
    '0s',
    '1ms',
  ]);
  expect(shortenWindows('rate(a:increase5m[5m]) > 5', 10)).toBe('rate(a:increase5m[30000ms]) > 5');
  expect(() => shorten('soon', 10)).toThrow('"soon" is no length of time');
});
