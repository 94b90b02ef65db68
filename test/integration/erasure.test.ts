import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openOutboxStore } from '../../services/bot/adapters/outbox/outbox-store.ts';
import { startRecords } from '../../services/records/start.ts';
import { makeNewRecord } from '../helpers/record.ts';
import { createLineLogger, makeRecordsConfig, postRecord } from '../helpers/records-api.ts';

const CALL = `CA${'7'.repeat(32)}`;
const [, steps = ''] = /```sql\n(PRAGMA secure_delete[^`]+)```/.exec(readFileSync('docs/erasure.md', 'utf8')) ?? [];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-erasure-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the SQL of the page; names of the files in which a text then still stands. */
function erase(file: string, sql: string, text: string): readonly string[] {
  const database = new DatabaseSync(file);
  try {
    database.exec(sql);
    return readdirSync(join(file, '..')).filter((name) => readFileSync(join(file, '..', name)).includes(text));
  } finally {
    database.close();
  }
}

test('the steps of docs/erasure.md leave no byte of a record in the SQLite file of records', async () => {
  const config = makeRecordsConfig(folder);
  const records = await startRecords(config, { logger: createLineLogger([]) });
  await postRecord(records.url, '"1"', makeNewRecord({ callSid: CALL, name: 'Zebulon Quartz' }));
  await postRecord(records.url, '"2"', makeNewRecord({ name: 'Somebody Else' }));
  await records.close();
  expect(readFileSync(config.sqliteFile).includes('Zebulon')).toBe(true);
  expect(erase(config.sqliteFile, steps.replace("'CALL'", `'${CALL}'`), 'Zebulon')).toEqual([]);
  expect(readFileSync(config.sqliteFile).includes('Somebody Else')).toBe(true);
});

test("the same way leaves no byte of a call's versions in the outbox", () => {
  const file = join(folder, 'outbox.db');
  const store = openOutboxStore(file);
  for (const id of [`${CALL}:1`, `${CALL}:2`]) {
    store.add({ id, body: 'Zebulon Quartz', traceparent: null, createdAtMs: 1 });
  }
  store.close();
  const rows = steps.replace(/DELETE[^;]+/, `DELETE FROM outbox WHERE id LIKE '${CALL}:%'`);
  expect(erase(file, rows, 'Zebulon')).toEqual([]);
});
