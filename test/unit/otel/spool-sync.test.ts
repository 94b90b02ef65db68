import { fstatSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createDisk, type Disk } from '../../../otel/src/spool/worker/disk.ts';
import { createSpoolStage, deliverAll, numberedBatch, type SpoolStage } from '../../helpers/spool-storage.ts';

let stage: SpoolStage;
beforeEach(() => {
  stage = createSpoolStage();
});
afterEach(() => stage.close());

/** A disk that notes which files it is asked to keep. */
function watchSyncs(): { readonly disk: Disk; readonly synced: number[] } {
  const real = createDisk();
  const synced: number[] = [];
  const sync = (fd: number) => {
    synced.push(fstatSync(fd).ino);
    real.sync(fd);
  };
  return { disk: { ...real, sync }, synced };
}

const inodesOf = (folder: string) => stage.filesOf(folder).map((name) => statSync(join(stage.root, folder, name)).ino);

test('only what has been written since is asked onto the disk again, a file that is full too', async () => {
  const { disk, synced } = watchSyncs();
  const storage = stage.open({ maxBytes: 1024 * 1024 }, disk);
  // Two files: a full one, and the one that is being written.
  for (const number of [1, 2, 3]) storage.store('traces', numberedBatch(number, 40_000));
  expect(inodesOf('p1-test')).toHaveLength(2);
  await storage.sync();
  expect(synced.splice(0)).toEqual(inodesOf('p1-test'));
  await storage.sync();
  expect(synced).toEqual([]);
  storage.store('traces', numberedBatch(4));
  await storage.sync();
  expect(synced.splice(0)).toEqual(inodesOf('p1-test').slice(1));
  deliverAll(storage);
  storage.store('logs', { ...numberedBatch(5), traceIds: [] });
  await storage.sync();
  expect(synced).toHaveLength(1);
});

test('what comes while many files are asked onto a slow disk is written between two of them', async () => {
  const { disk, synced } = watchSyncs();
  const storage = stage.open({ maxBytes: 1024 * 1024 }, disk);
  for (const number of [1, 2, 3, 4, 5]) storage.store('traces', numberedBatch(number, 70_000));
  const done = storage.sync();
  const { promise: stored, resolve } = Promise.withResolvers<number>();
  setImmediate(() => {
    storage.store('logs', { ...numberedBatch(6), traceIds: [] });
    resolve(synced.length);
  });
  expect(await stored).toBeLessThan(5);
  await done;
  expect(synced).toHaveLength(5);
});

test('of what dead processes left, only what they wrote last may not be on the disk yet', async () => {
  for (const member of ['p1-old', 'p1-new']) {
    stage.open({ member }).store('traces', numberedBatch(1));
    // No process has this number.
    stage.rewriteOwner(member, { pid: 2 ** 30, start: '' });
  }
  const [old = ''] = stage.filesOf('p1-old');
  const longAgo = new Date(Date.now() - 120_000);
  utimesSync(join(stage.root, 'p1-old', old), longAgo, longAgo);
  const { disk, synced } = watchSyncs();
  const storage = stage.open({}, disk);
  await storage.adopt();
  await storage.sync();
  expect(stage.filesOf('p1-test')).toHaveLength(2);
  expect(synced).toHaveLength(1);
});

test('the thread asks the disk for nothing in the background: that takes threads which the whole process shares', () => {
  const room = join(import.meta.dirname, '../../../otel/src/spool/worker');
  const names = readdirSync(room).flatMap((name) =>
    [...readFileSync(join(room, name), 'utf8').matchAll(/import \{([^}]*)\} from 'node:fs([^']*)'/g)].flatMap(
      ([, imported = '', rest]) => imported.split(',').map((each) => `${each.trim()}${rest}`),
    ),
  );
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((each) => each !== '' && !each.endsWith('Sync'))).toEqual([]);
});
