import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { createPostgresStore } from '../../services/records/adapters/postgres/store.ts';
import { createSqliteStore } from '../../services/records/adapters/sqlite/store.ts';
import type { RecordStore, RecordToSave } from '../../services/records/domain/ports.ts';
import type { CallRecord } from '../../services/records/domain/record.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { makeNewRecord } from '../helpers/record.ts';

/** A database that can be opened more than once, as by several instances, and looked into from outside. */
type Database = {
  open(): Promise<RecordStore>;
  countRows(idempotencyKey: string): Promise<number>;
  close(): Promise<void>;
};

let nextId = 0;
const makeRecord = (overrides: Partial<CallRecord> = {}): CallRecord => {
  nextId += 1;
  const id = `01a1fd72-66bd-731a-b003-${String(nextId).padStart(12, '0')}`;
  return { ...makeNewRecord(), id, createdAt: '2026-11-21T09:31:35.486Z', ...overrides };
};
const makeToSave = (idempotencyKey: string, overrides: Partial<RecordToSave> = {}): RecordToSave => ({
  record: makeRecord(),
  idempotencyKey,
  fingerprint: 'f1',
  ...overrides,
});

async function openSqliteDatabase(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-records-'));
  const file = join(folder, 'records', 'records.db');
  return {
    open: async () => createSqliteStore({ file }),
    async countRows(key) {
      const database = new DatabaseSync(file);
      const row = database.prepare('SELECT count(*) AS n FROM records WHERE idempotency_key = ?').get(key);
      database.close();
      return Number(row?.n);
    },
    close: async () => rmSync(folder, { recursive: true }),
  };
}

async function openPostgresDatabase(): Promise<Database> {
  const postgres = await startPostgres();
  return {
    open: () => createPostgresStore({ url: postgres.url }),
    async countRows(key) {
      const client = new pg.Client(postgres.url);
      await client.connect();
      const { rows } = await client.query('SELECT count(*)::int AS n FROM records WHERE idempotency_key = $1', [key]);
      await client.end();
      return rows[0].n;
    },
    close: postgres.close,
  };
}

describe.each([
  ['SQLite', openSqliteDatabase],
  ['Postgres', openPostgresDatabase],
])('a record store on %s', (_name, openDatabase) => {
  let database: Database;
  let store: RecordStore;
  beforeAll(async () => {
    database = await openDatabase();
    store = await database.open();
  });
  afterAll(async () => {
    await store.close();
    await database.close();
  });

  test('gives back exactly what was saved, accents, emoji and nulls included', async () => {
    const record = makeRecord({ notes: 'line one\nline "two" \\ 😀', name: null, place: '' });
    expect(await store.saveRecord(makeToSave('exact', { record }))).toEqual({ kind: 'created', record });
    expect(await store.findRecord(record.id)).toEqual(record);
  });

  test.each([
    ['nothing', null],
    ['words alone', { dateTime: null, words: 'un de ces jours' }],
    ['a time', { dateTime: '2026-03-29T02:30', words: '' }],
  ])('keeps %s as what the caller wanted', async (name, wanted) => {
    const record = makeRecord({ wanted });
    await store.saveRecord(makeToSave(`wanted ${name}`, { record }));
    expect((await store.findRecord(record.id))?.wanted).toEqual(wanted);
  });

  test('answers a second save under the same key with the first record, and keeps one row', async () => {
    const first = makeToSave('twice');
    await store.saveRecord(first);
    expect(await store.saveRecord(makeToSave('twice'))).toEqual({ kind: 'replayed', record: first.record });
    expect(await database.countRows('twice')).toBe(1);
  });

  test('refuses a key that comes back with another body, and leaves the first record alone', async () => {
    const first = makeToSave('reused');
    await store.saveRecord(first);
    expect(await store.saveRecord(makeToSave('reused', { fingerprint: 'f2' }))).toEqual({ kind: 'reused' });
    expect(await store.findRecord(first.record.id)).toEqual(first.record);
  });

  test('makes one row out of 20 concurrent saves through two instances', async () => {
    const second = await database.open();
    const saves = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? store : second).saveRecord(makeToSave('concurrent')),
    );
    const outcomes = await Promise.all(saves);
    await second.close();
    expect(outcomes.filter((outcome) => outcome.kind === 'created')).toHaveLength(1);
    expect(outcomes.every((outcome) => ['created', 'replayed', 'running'].includes(outcome.kind))).toBe(true);
    expect(await database.countRows('concurrent')).toBe(1);
  });

  test('lists the records of one call only, newest first, as many as asked for', async () => {
    const callSid = 'CA000000000000000000000000000000aa';
    const times = ['2026-11-21T10:00:00.001Z', '2026-11-21T12:00:00.000Z', '2026-11-21T10:00:00.002Z'];
    for (const createdAt of times) {
      await store.saveRecord(makeToSave(`list ${createdAt}`, { record: makeRecord({ callSid, createdAt }) }));
    }
    const listed = await store.listRecords(callSid, 2);
    expect(listed.map((record) => record.createdAt)).toEqual(['2026-11-21T12:00:00.000Z', '2026-11-21T10:00:00.002Z']);
  });

  test('finds nothing under an id or a call that nobody saved', async () => {
    expect(await store.findRecord('01a1fd72-66bd-731a-b003-ffffffffffff')).toBeUndefined();
    expect(await store.listRecords('CAffffffffffffffffffffffffffffffff', 10)).toEqual([]);
  });

  test('still has its records, and knows their keys, after it was closed and opened again', async () => {
    const saved = makeToSave('reopened');
    await store.saveRecord(saved);
    await store.close();
    store = await database.open();
    expect(await store.saveRecord(makeToSave('reopened'))).toEqual({ kind: 'replayed', record: saved.record });
  });

  test('is unavailable, not silent, once it is closed', async () => {
    const closed = await database.open();
    await closed.close();
    await expect(closed.saveRecord(makeToSave('closed'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(closed.checkReady()).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a record store on SQLite alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-records-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is unavailable while another process holds the write lock, and takes the same key afterwards', async () => {
    const file = join(folder, 'locked.db');
    const store = createSqliteStore({ file, busyTimeoutMs: 1 });
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.saveRecord(makeToSave('locked'))).rejects.toMatchObject({ code: 'unavailable' });
    other.exec('ROLLBACK');
    other.close();
    expect(await store.saveRecord(makeToSave('locked'))).toMatchObject({ kind: 'created' });
    await store.close();
  });

  test('is unavailable when its file was deleted under it, instead of saving into nowhere', async () => {
    const file = join(folder, 'deleted.db');
    const store = createSqliteStore({ file });
    rmSync(file);
    await expect(store.saveRecord(makeToSave('deleted'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(store.checkReady()).rejects.toMatchObject({ code: 'unavailable' });
    await store.close();
  });

  test('refuses a file that a newer version has written', () => {
    const file = join(folder, 'newer.db');
    const newer = new DatabaseSync(file);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    expect(() => createSqliteStore({ file })).toThrow(/schema version 99/);
  });
});

describe('a record store on Postgres alone', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.close());

  test('says running while another transaction holds the key, and saves when that one vanished without a commit', async () => {
    const store = await createPostgresStore({ url: postgres.url, lockTimeoutMs: 20 });
    const other = new pg.Client(postgres.url);
    await other.connect();
    await other.query('BEGIN');
    await other.query(
      `INSERT INTO records (id, call_sid, language, fields, created_at, idempotency_key, fingerprint)
       VALUES (gen_random_uuid(), 'CA', 'fr', '{}', now(), 'held', 'f1')`,
    );
    expect(await store.saveRecord(makeToSave('held'))).toEqual({ kind: 'running' });
    await other.end();
    expect(await store.saveRecord(makeToSave('held'))).toMatchObject({ kind: 'created' });
    await store.close();
  });

  test('lets three instances start at once on an empty database', async () => {
    const client = new pg.Client(postgres.url);
    await client.connect();
    await client.query('CREATE DATABASE fresh');
    await client.end();
    const url = postgres.url.replace(/postgres$/, 'fresh');
    const stores = await Promise.all([1, 2, 3].map(() => createPostgresStore({ url })));
    await Promise.all(stores.map((store) => store.checkReady()));
    await Promise.all(stores.map((store) => store.close()));
  });

  test('is unavailable when the server dies under it, and cannot be opened then', async () => {
    const store = await createPostgresStore({ url: postgres.url });
    await postgres.kill();
    await expect(store.saveRecord(makeToSave('dead'))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(createPostgresStore({ url: postgres.url })).rejects.toMatchObject({ code: 'unavailable' });
    await store.close();
  });
});
