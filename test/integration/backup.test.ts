import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { dropOldBackups, newestBackup } from '../../scripts/backup/backups.ts';
import { startRecords } from '../../services/records/start.ts';
import { BACKUP_ENV, type BackupStage, openBackupStage } from '../helpers/backup.ts';
import { toTracesBody } from '../helpers/otlp-samples.ts';
import { makeNewRecord } from '../helpers/record.ts';
import { createLineLogger, makeRecordsConfig, postRecord } from '../helpers/records-api.ts';
import { call, turn, webhook } from '../helpers/store-stage.ts';
import { startTestViewer } from '../helpers/viewer.ts';

let stage: BackupStage;
beforeEach(() => {
  stage = openBackupStage();
});
afterEach(() => stage.cleanUp());

test('what the viewer and the records service hold is backed up while they run, and is there again after a restore', async () => {
  const viewer = await startTestViewer({}, stage.volume('viewer'));
  const records = await startRecords(makeRecordsConfig(stage.volume('records')), { logger: createLineLogger([]) });
  await viewer.post('/v1/traces', toTracesBody([webhook, call, turn(1)]));
  const saved = await postRecord(records.url, '"key-1"', makeNewRecord());
  expect(saved.status).toBe(201);
  // Nothing was written to the database's own file yet: it stands in the write-ahead log.
  expect(readdirSync(join(stage.volume('records'), 'records'))).toContain('records.db-wal');
  const name = await stage.backUp();
  await Promise.all([viewer.close(), records.close()]);

  const [viewerFolder, recordsFolder] = [stage.emptyVolume('viewer'), stage.emptyVolume('records')];
  expect(await stage.restore(name)).toBe('records is back\nviewer is back');
  const viewerAgain = await startTestViewer({}, viewerFolder);
  const recordsAgain = await startRecords(makeRecordsConfig(recordsFolder), { logger: createLineLogger([]) });
  try {
    const calls = await viewerAgain.get<{ calls: unknown[] }>('/api/v1/calls');
    expect(JSON.stringify(calls.body)).toContain('CA1');
    const found = await fetch(`${recordsAgain.url}/records/${String(saved.body.id)}`);
    expect(await found.json()).toEqual(saved.body);
  } finally {
    await Promise.all([viewerAgain.close(), recordsAgain.close()]);
  }
});

test('a database that nobody has open is backed up, too, also one without a write-ahead log', async () => {
  const file = join(stage.volume('grafana'), 'grafana.db');
  const database = new DatabaseSync(file);
  database.exec("CREATE TABLE board (name); INSERT INTO board VALUES ('calls')");
  database.close();
  const name = await stage.backUp();
  const restored = stage.emptyVolume('grafana');
  await stage.restore(name);
  const again = new DatabaseSync(join(restored, 'grafana.db'), { readOnly: true });
  expect(again.prepare('SELECT name FROM board').all()).toMatchObject([{ name: 'calls' }]);
  again.close();
});

test('spools and locks are left out, empty folders are not', async () => {
  const bot = stage.volume('bot');
  mkdirSync(join(bot, 'spool'));
  writeFileSync(join(bot, 'spool', '1.seg'), 'spans on their way');
  mkdirSync(join(bot, 'phrases'));
  writeFileSync(join(bot, 'lock'), '');
  const name = await stage.backUp();
  const restored = stage.emptyVolume('bot');
  await stage.restore(name);
  expect(readdirSync(restored)).toEqual(['phrases']);
});

test('folders may be given by relative names, and files may have any name of one line', async () => {
  const names = ['-one', 'back\\nslash', 'with space'];
  for (const name of names) writeFileSync(join(stage.volume('loki'), name), 'lines');
  const script = resolve('collector/compose/backup.sh');
  const said = execFileSync('sh', [script, 'volumes', 'backups'], { cwd: stage.folder, env: BACKUP_ENV });
  const restored = stage.emptyVolume('loki');
  await stage.restore(basename(said.toString().trim()));
  expect(readdirSync(restored)).toEqual(names);
});

test('a folder that is not there is named, and nothing is copied', () => {
  const script = resolve('collector/compose/backup.sh');
  const run = (...folders: string[]) =>
    spawnSync('sh', [script, ...folders], { cwd: stage.folder, env: BACKUP_ENV, encoding: 'utf8' });
  expect(run('volume', 'backups')).toMatchObject({ status: 1, stderr: 'backup: there is no folder volume\n' });
  expect(run('volumes', 'backup')).toMatchObject({ status: 1, stderr: 'backup: there is no folder backup\n' });
  expect(readdirSync(stage.backups)).toEqual([]);
});

// Only root gives files away.
(process.getuid?.() === 0 ? test : test.skip)(
  'what is put back belongs to the users of the containers, also the folders',
  async () => {
    const loki = stage.volume('loki');
    mkdirSync(join(loki, 'chunks'));
    writeFileSync(join(loki, 'chunks', 'one'), 'lines');
    chownSync(join(loki, 'chunks', 'one'), 10_001, 10_001);
    const grafana = new DatabaseSync(join(stage.volume('grafana'), 'grafana.db'));
    grafana.exec('CREATE TABLE board (name)');
    grafana.close();
    chownSync(join(stage.volume('grafana'), 'grafana.db'), 472, 472);
    const name = await stage.backUp();
    const [lokiAgain, grafanaAgain] = [stage.emptyVolume('loki'), stage.emptyVolume('grafana')];
    await stage.ownVolumes();
    await stage.restore(name);
    const owners = [
      join(lokiAgain, 'chunks'),
      join(lokiAgain, 'chunks', 'one'),
      grafanaAgain,
      join(grafanaAgain, 'grafana.db'),
    ].map((path) => statSync(path).uid);
    expect(owners).toEqual([10_001, 10_001, 472, 472]);
    expect(statSync(lokiAgain).mode & 0o777).toBe(0o700);
  },
);

test('a damaged backup is refused, and nothing is changed', async () => {
  writeFileSync(join(stage.volume('loki'), 'chunk'), 'lines');
  const name = await stage.backUp();
  appendFileSync(join(stage.backups, name, 'loki.tar.gz'), 'x');
  const loki = stage.emptyVolume('loki');
  await expect(stage.restore(name)).rejects.toThrow('is damaged: nothing was changed');
  expect(readdirSync(loki)).toEqual([]);
});

test('a volume that is not empty is refused before any other is touched', async () => {
  writeFileSync(join(stage.volume('loki'), 'chunk'), 'lines');
  writeFileSync(join(stage.volume('tempo'), 'block'), 'spans');
  const name = await stage.backUp();
  const [loki, tempo] = [stage.emptyVolume('loki'), stage.emptyVolume('tempo')];
  writeFileSync(join(tempo, 'block'), 'newer');
  await expect(stage.restore(name)).rejects.toThrow('tempo is not empty: nothing was changed');
  expect(readdirSync(loki)).toEqual([]);
  expect(await stage.restore(name, 'loki')).toBe('loki is back');
  expect(readFileSync(join(tempo, 'block'), 'utf8')).toBe('newer');
});

test('the dump of the records goes with the rest; one that is old or missing fails the backup and leaves nothing', async () => {
  stage.volume('loki');
  await expect(stage.backUp({ CALLSPAN_BACKUP_RECORDS: 'required' })).rejects.toThrow('records.dump is not there');
  const dump = join(stage.backups, 'records.dump');
  writeFileSync(dump, 'rows');
  const name = await stage.backUp();
  expect(readdirSync(join(stage.backups, name))).toEqual(['SHA256SUMS', 'loki.tar.gz', 'records.dump']);
  const twoDaysAgo = Date.now() / 1000 - 172_800;
  utimesSync(dump, twoDaysAgo, twoDaysAgo);
  await expect(stage.backUp()).rejects.toThrow('records.dump is older than a day');
  expect(readdirSync(stage.backups)).toEqual([name, 'records.dump']);
});

test('what an interrupted backup left is taken away, a dump that is being written is not', async () => {
  stage.volume('loki');
  mkdirSync(join(stage.backups, '.2026-01-01T000000Z.partial'));
  writeFileSync(join(stage.backups, '.records.dump.partial'), 'half');
  const name = await stage.backUp();
  expect(readdirSync(stage.backups)).toEqual(['.records.dump.partial', name]);
});

/** A `find` that says `words` the first time and fails; from then on the real one. @returns its place in PATH */
function failFindOnce(words: string): string {
  const folder = stage.emptyVolume('bin');
  const marker = join(folder, 'has-failed');
  const script = `#!/bin/sh
[ -e '${marker}' ] && exec /usr/bin/find "$@"
touch '${marker}'
echo "find: ${words}" >&2
exit 1
`;
  writeFileSync(join(folder, 'find'), script, { mode: 0o755 });
  return `${folder}:${BACKUP_ENV.PATH}`;
}

test('a folder that vanishes while it is listed is listed anew', async () => {
  writeFileSync(join(stage.volume('prometheus'), 'block'), 'samples');
  const name = await stage.backUp({ PATH: failFindOnce("'./01.tmp-for-creation': No such file or directory") });
  const restored = stage.emptyVolume('prometheus');
  await stage.restore(name, 'prometheus');
  expect(readFileSync(join(restored, 'block'), 'utf8')).toBe('samples');
});

test('a folder that cannot be read fails the backup, says so and leaves nothing', async () => {
  stage.volume('prometheus');
  const refused = stage.backUp({ PATH: failFindOnce("'./block': Permission denied") });
  await expect(refused).rejects.toThrow("'./block': Permission denied");
  expect(readdirSync(stage.backups)).toEqual([]);
});

test('the newest backups are kept, and one that is not complete is none', () => {
  for (const name of ['2026-01-01T000000Z', '2026-01-02T000000Z', '2026-01-03T000000Z']) {
    mkdirSync(join(stage.backups, name));
    writeFileSync(join(stage.backups, name, 'SHA256SUMS'), '');
  }
  mkdirSync(join(stage.backups, '2026-01-04T000000Z'));
  expect(newestBackup(stage.backups)?.name).toBe('2026-01-03T000000Z');
  expect(dropOldBackups({ to: stage.backups, kept: 2 })).toEqual(['2026-01-01T000000Z']);
  expect(newestBackup(stage.folder)).toBeUndefined();
});
