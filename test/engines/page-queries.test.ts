import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../helpers/free-ports.ts';
import { listPageQueries } from '../helpers/page-queries.ts';
import { type RunningEngine, startEngine } from './stage/engine.ts';
import { type RunningLoki, startLoki } from './stage/loki.ts';

let folder: string;
let loki: RunningLoki;
let prometheus: RunningEngine;
let prometheusUrl: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-queries-'));
  loki = await startLoki({ folder: join(folder, 'loki') });
  const [port = 0] = await findFreePorts(1);
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, '{}');
  prometheusUrl = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'tsdb')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  prometheus = await startEngine('prometheus', { args, readyUrl: `${prometheusUrl}/-/ready` });
}, 60_000);
afterAll(async () => {
  await Promise.all([loki.stop(), prometheus.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** Queries that an engine does not take, with its own words. */
async function listRefused(address: string, queries: readonly (readonly [string, string])[]) {
  const refused: string[] = [];
  for (const [file, query] of queries) {
    const answer = await fetch(`${address}?${new URLSearchParams({ query })}`);
    const said = await answer.text();
    if (!answer.ok) refused.push(`${file}: ${query}: ${said}`);
  }
  return refused;
}

test('Loki takes every LogQL query of the pages', async () => {
  const address = `${loki.url}/loki/api/v1/query_range`;
  expect(await listRefused(address, listPageQueries('logql'))).toEqual([]);
  expect(await listRefused(address, [['a page', '{service_name="bot"} | unwrap durationMs']])).toHaveLength(1);
});

test('Prometheus takes every PromQL query of the pages', async () => {
  const address = `${prometheusUrl}/api/v1/query`;
  expect(await listRefused(address, listPageQueries('promql'))).toEqual([]);
  expect(await listRefused(address, [['a page', 'rate(process_uptime_seconds)']])).toHaveLength(1);
});
