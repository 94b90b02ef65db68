import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BUSY_TIMEOUT_MS, openDatabase } from '../../../services/viewer/adapters/sqlite/open.ts';
import { T0_MS, traceIdOf } from '../../helpers/otlp-samples.ts';
import { call, openStoreStage, webhook } from '../../helpers/store-stage.ts';

const at = openStoreStage();
const WORDS = 'my name is Zebulon Quartz';

/** Files of the store, its log of writes included, in which the words stand. */
const listHolders = (words: string) => {
  const folder = dirname(at.file);
  return readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(words));
};
const say = (count: number) =>
  at.saveLogs(
    Array.from({ length: count }, (_, index) => ({
      body: `${WORDS} ${index}`,
      eventName: 'voice.transcript',
      atMs: index,
      traceId: index % 2 === 0 ? traceIdOf(1) : '',
    })),
  );

test('what was said and has been deleted stands in no file of the store, while it is open', () => {
  at.saveSpans([webhook, call]);
  say(3);
  expect(listHolders(WORDS)).not.toEqual([]);
  at.nowMs += 1000;
  expect(at.store.deleteOldContent(at.nowMs, 1000)).toBe(3);
  at.store.deleteOld(T0_MS, 50);
  expect(listHolders(WORDS)).toEqual([]);
});

test('a call that has been deleted in steps stands in no file of the store after the last of them', () => {
  at.saveSpans([webhook, { ...call, attributes: { ...call.attributes, note: WORDS } }]);
  say(200);
  at.nowMs += 86_400_000;
  while (at.store.deleteOld(at.nowMs, 1) === 1);
  expect(listHolders(WORDS)).toEqual([]);
});

test('a name that has been swept stands in no file of the store after the next round', () => {
  at.saveSpans([{ ...webhook, name: WORDS }]);
  at.nowMs += 86_400_000;
  at.store.deleteOld(at.nowMs, 50);
  while (at.store.sweep(2000));
  at.store.deleteOld(at.nowMs, 50);
  expect(listHolders(WORDS)).toEqual([]);
});

test('while somebody else reads the store nobody waits for its log to be emptied, which the next round does', () => {
  at.saveSpans([webhook, call]);
  const reader = new DatabaseSync(at.file, { readOnly: true });
  reader.exec('BEGIN');
  reader.prepare('SELECT count(*) FROM spans').get();
  say(3);
  at.nowMs += 1000;
  at.store.deleteOldContent(at.nowMs, 1000);
  const startedAt = performance.now();
  at.store.deleteOld(T0_MS, 50);
  expect(performance.now() - startedAt).toBeLessThan(BUSY_TIMEOUT_MS);
  expect(listHolders(WORDS)).toEqual(['store.db-wal']);
  reader.close();
  at.store.deleteOld(T0_MS, 50);
  expect(listHolders(WORDS)).toEqual([]);
});

test('what has been stored is on the disk when that is said: a cut of the power takes none of it', () => {
  const database = openDatabase(join(at.folder, 'other', 'store.db'));
  // 2: FULL. With a write-ahead log NORMAL would let the last commits wait for the next checkpoint.
  expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  database.close();
});
