import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { findFreePorts } from '../helpers/free-ports.ts';
import { eventually, type RunningEngine, startEngine } from './stage/engine.ts';
import { listPrometheusFlags, writePrometheusFiles } from './stage/own-files.ts';
import { runTool } from './stage/run-tool.ts';

const WITHIN_MS = 15_000;
const HOUR_S = 3600;

let folder: string;
let prometheus: RunningEngine | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-retention-'));
});
afterEach(async () => {
  await prometheus?.stop();
  rmSync(folder, { recursive: true });
});

/** A metric that was there so many hours ago, as blocks on the disk of a Prometheus. */
function writeBlocks(data: string, metric: string, hoursAgo: number): void {
  const atS = Math.floor(Date.now() / 1000) - hoursAgo * HOUR_S;
  const file = join(folder, `${metric}.txt`);
  writeFileSync(file, `# TYPE ${metric} gauge\n${metric} 1 ${atS}\n${metric} 2 ${atS + 60}\n# EOF\n`);
  expect(runTool('promtool', 'tsdb', 'create-blocks-from', 'openmetrics', file, data).code).toBe(0);
}

test('Prometheus keeps what is younger than the preset, and deletes what is older', async () => {
  const data = join(folder, 'data');
  writeBlocks(data, 'today', 3);
  writeBlocks(data, 'yesterday', 30);
  writeBlocks(data, 'three_days_ago', 72);
  const preset = parseEnv(readFileSync('collector/retention/development.env', 'utf8'));
  const [port] = await findFreePorts(1);
  const address = `127.0.0.1:${port}`;
  const args = [
    `--config.file=${writePrometheusFiles(join(folder, 'files'), {})}`,
    `--storage.tsdb.path=${data}`,
    `--storage.tsdb.retention.time=${preset.CALLSPAN_RETENTION_PERIOD}`,
    `--web.listen-address=${address}`,
    ...listPrometheusFlags(),
  ];
  prometheus = await startEngine('prometheus', { args, readyUrl: `http://${address}/-/ready` });
  const listMetrics = async () => {
    const answer = await fetch(
      `http://${address}/api/v1/label/__name__/values?start=${Date.now() / 1000 - 100 * HOUR_S}`,
    );
    return ((await answer.json()) as { data: readonly string[] }).data;
  };
  await eventually('the old block is gone', WITHIN_MS, async () => !(await listMetrics()).includes('three_days_ago'));
  expect(await listMetrics()).toEqual(expect.arrayContaining(['today', 'yesterday']));
}, 60_000);
