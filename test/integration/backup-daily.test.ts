import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { BACKUP_ENV, type BackupStage, openBackupStage } from '../helpers/backup.ts';

type Export = {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly gauge: { readonly dataPoints: readonly { readonly asDouble: number }[] };
      }[];
    }[];
  }[];
};

let stage: BackupStage;
beforeEach(() => {
  stage = openBackupStage();
  writeFileSync(join(stage.volume('loki'), 'chunk'), 'lines');
});
afterEach(() => stage.cleanUp());

/** Runs the service until it has told the Collector once; then stops it as Docker does. */
async function runOnce(env: Readonly<Record<string, string>> = {}) {
  const told = Promise.withResolvers<Export>();
  const collector = createServer(async (request, response) => {
    told.resolve((await json(request)) as Export);
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const child = spawn(process.execPath, ['--conditions=source', 'scripts/backup/daily.ts'], {
    env: {
      ...BACKUP_ENV,
      CALLSPAN_BACKUP_FROM: join(stage.folder, 'volumes'),
      CALLSPAN_BACKUP_TO: stage.backups,
      CALLSPAN_BACKUP_SCRIPT: 'collector/compose/backup.sh',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const ended = once(child, 'close');
  const metric = (await told.promise).resourceMetrics[0]?.scopeMetrics[0]?.metrics[0];
  child.kill('SIGTERM');
  const [code] = await ended;
  collector.close();
  return { code, said, name: metric?.name, completedAtSeconds: metric?.gauge.dataPoints[0]?.asDouble ?? -1 };
}

test('where there is no backup one is made at once, and the Collector hears when; a fresh one is not made again', async () => {
  const first = await runOnce();
  expect(first).toMatchObject({ code: 0, name: 'callspan.backup.completed' });
  expect(first.said).toContain('is complete');
  expect(first.completedAtSeconds).toBeGreaterThan(Date.now() / 1000 - 60);
  const made = readdirSync(stage.backups);
  expect(made).toHaveLength(1);
  expect((await runOnce()).completedAtSeconds).toBe(first.completedAtSeconds);
  expect(readdirSync(stage.backups)).toEqual(made);
});

test('a backup that fails leaves nothing and is told as never made, with the reason in the log', async () => {
  const failed = await runOnce({ CALLSPAN_BACKUP_RECORDS: 'required' });
  expect(failed).toMatchObject({ code: 0, completedAtSeconds: 0 });
  expect(failed.said).toContain('records.dump is not there');
  expect(readdirSync(stage.backups)).toEqual([]);
});
