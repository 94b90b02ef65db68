import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../helpers/free-ports.ts';
import { eventually, type RunningEngine, startEngine } from './stage/engine.ts';
import { listPrometheusFlags, writePrometheusFiles } from './stage/own-files.ts';

const HOUR_MS = 3_600_000;

let folder: string;
let address: string;
let prometheus: RunningEngine | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-late-'));
  const [port] = await findFreePorts(1);
  address = `http://127.0.0.1:${port}`;
  const args = [
    `--config.file=${writePrometheusFiles(join(folder, 'files'), {})}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...listPrometheusFlags(),
  ];
  prometheus = await startEngine('prometheus', { args, readyUrl: `${address}/-/ready` });
}, 60_000);
afterAll(async () => {
  await prometheus?.stop();
  rmSync(folder, { recursive: true });
});

/** A gauge as the Collector brings it. @returns the HTTP status */
async function bring(name: string, agoMs: number): Promise<number> {
  const point = { timeUnixNano: `${Date.now() - agoMs}000000`, asDouble: 1 };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'bot' } }] };
  const scopeMetrics = [{ metrics: [{ name, gauge: { dataPoints: [point] } }] }];
  const answer = await fetch(`${address}/api/v1/otlp/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics }] }),
  });
  return answer.status;
}

async function isThere(name: string, agoMs: number): Promise<boolean> {
  const time = (Date.now() - agoMs + 60_000) / 1000;
  const answer = await fetch(`${address}/api/v1/query?query=${name}&time=${time}`);
  return ((await answer.json()) as { data: { result: readonly unknown[] } }).data.result.length === 1;
}

test('metrics that waited while Prometheus was away are taken beside those of now, for as long as spools keep them', async () => {
  expect(await bring('fresh', 0)).toBe(200);
  await eventually('what is new is there', 15_000, () => isThere('fresh', 0));
  for (const [name, hours] of [
    ['waited_in_the_queue', 2],
    ['waited_in_a_spool', 47],
  ] as const) {
    expect([name, await bring(name, hours * HOUR_MS)]).toEqual([name, 200]);
    expect([name, await isThere(name, hours * HOUR_MS)]).toEqual([name, true]);
  }
}, 60_000);
