import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tellCompleted } from '../../scripts/backup/tell-completed.ts';
import { type BackupStage, openBackupStage } from '../helpers/backup.ts';
import { findFreePorts } from '../helpers/free-ports.ts';
import { eventually, type RunningEngine, startEngine } from './stage/engine.ts';
import { toLogRequest } from './stage/log-records.ts';
import { startLoki } from './stage/loki.ts';
import { runTool } from './stage/run-tool.ts';

const HOUR_MS = 3_600_000;
const LINE = { service: 'bot', body: 'call started', callSid: 'CA1', traceId: '10000000000000000000000000000001' };

let stage: BackupStage;
let scratch = '';
const running: RunningEngine[] = [];
beforeEach(() => {
  stage = openBackupStage();
  scratch = mkdtempSync(join(tmpdir(), 'callspan-backup-files-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((engine) => engine.stop()));
  stage.cleanUp();
  rmSync(scratch, { recursive: true });
});

async function startPrometheus(folder: string) {
  const [port = 0] = await findFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const file = join(scratch, 'prometheus.yml');
  writeFileSync(file, '{}');
  const args = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${folder}`,
    '--storage.tsdb.retention.time=10d',
    `--web.listen-address=127.0.0.1:${port}`,
    '--web.enable-otlp-receiver',
  ];
  const engine = await startEngine('prometheus', { args, readyUrl: `${url}/-/ready` });
  running.push(engine);
  const query = async (promql: string) => {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
    const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
    return data.result.map(({ value: [, value] }) => Number(value));
  };
  return { ...engine, url, query };
}

test('what a running Prometheus has in its blocks and in its log is there again in another one, after backup and restore', async () => {
  const volume = stage.volume('prometheus');
  const old = join(scratch, 'old.txt');
  const fiveHoursAgo = (Date.now() - 5 * HOUR_MS) / 1000;
  writeFileSync(old, `# TYPE old gauge\nold 42 ${fiveHoursAgo}\n# EOF\n`);
  expect(runTool('promtool', 'tsdb', 'create-blocks-from', 'openmetrics', old, volume).code).toBe(0);
  const prometheus = await startPrometheus(volume);
  // As the service of the backups says it: the name is the one that the alarm reads.
  await tellCompleted({ otlpUrl: `${prometheus.url}/api/v1/otlp`, environment: 'test' }, 1_700_000_000_000);
  const both = 'max(last_over_time(callspan_backup_completed_seconds[1h])) + max(last_over_time(old[1d]))';
  await eventually('both are there', 10_000, async () => (await prometheus.query(both))[0] === 1_700_000_042);

  const name = await stage.backUp();
  const restored = stage.emptyVolume('prometheus');
  expect(await stage.restore(name)).toBe('prometheus is back');
  expect(readdirSync(restored)).not.toContain('lock');
  const again = await startPrometheus(restored);
  expect(await again.query(both)).toEqual([1_700_000_042]);
}, 60_000);

test('lines that a running Loki has taken are there again in another one, after backup and restore', async () => {
  const loki = await startLoki({ folder: stage.volume('loki') });
  running.push(loki);
  const headers = { 'content-type': 'application/json' };
  await loki.ask('/otlp/v1/logs', { method: 'POST', headers, body: toLogRequest([LINE]) });
  const name = await stage.backUp();
  await loki.stop();

  const restored = stage.emptyVolume('loki');
  expect(await stage.restore(name)).toBe('loki is back');
  const again = await startLoki({ folder: restored });
  running.push(again);
  await eventually('the line is found', 30_000, async () =>
    (await again.query('{service_namespace="callspan"}')).some(({ line }) => line === LINE.body),
  );
}, 90_000);
