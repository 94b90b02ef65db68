import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { RecordsConfig } from '../../services/records/config.ts';
import type { RecordStore } from '../../services/records/domain/ports.ts';
import { type RecordsDeps, type RunningRecords, startRecords } from '../../services/records/start.ts';
import { makeNewRecord } from '../helpers/record.ts';
import {
  ask,
  createLineLogger,
  type Json,
  type Line,
  makeRecordsConfig,
  postRecord,
  UNKNOWN_ID,
} from '../helpers/records-api.ts';

describe('the records API, whatever the database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-records-'));
  const lines: Line[] = [];
  const open: RunningRecords[] = [];
  const start = async (deps: RecordsDeps = {}, overrides: Partial<RecordsConfig> = {}) => {
    const config = { ...makeRecordsConfig(folder), ...overrides };
    const records = await startRecords(config, { logger: createLineLogger(lines), ...deps });
    open.push(records);
    return records;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((records) => records.close()));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('answers 409 and when to come back while the first request with the key is still running', async () => {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const wrapStore = (store: RecordStore): RecordStore => ({
      ...store,
      async saveRecord(toSave) {
        reached.resolve();
        await released.promise;
        return store.saveRecord(toSave);
      },
    });
    const { url } = await start({ wrapStore });
    const first = postRecord(url, '"slow"', makeNewRecord());
    await reached.promise;
    const second = await postRecord(url, '"slow"', makeNewRecord());
    expect(second).toMatchObject({ status: 409, body: { error: { code: 'idempotency_key_running' } } });
    expect(second.headers.get('retry-after')).toBe('1');
    released.resolve();
    expect((await first).status).toBe(201);
    expect((await postRecord(url, '"slow"', makeNewRecord())).status).toBe(200);
  });

  test('answers 503 and when to come back while the database is locked, and saves under the same key afterwards', async () => {
    const { url } = await start();
    const other = new DatabaseSync(makeRecordsConfig(folder).sqliteFile);
    other.exec('BEGIN IMMEDIATE');
    const answer = await postRecord(url, '"locked"', makeNewRecord());
    expect(answer).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect(answer.headers.get('retry-after')).toBe('2');
    other.exec('ROLLBACK');
    other.close();
    expect((await postRecord(url, '"locked"', makeNewRecord())).status).toBe(201);
  });

  test('hides what it did not foresee behind 500, and tells the log', async () => {
    const wrapStore = (store: RecordStore): RecordStore => ({
      ...store,
      findRecord: async () => Promise.reject(new Error('secret inside')),
    });
    const { url } = await start({ wrapStore });
    lines.length = 0;
    const answer = await ask(`${url}/records/${UNKNOWN_ID}`);
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
    expect(JSON.stringify(answer.body)).not.toContain('secret');
    expect(lines[0]?.fields.error).toMatchObject({ message: 'secret inside' });
  });

  test('asks for the token where it has one, except for probes', async () => {
    const { url } = await start({}, { token: 'let-me-in' });
    expect(await ask(`${url}/records/${UNKNOWN_ID}`)).toMatchObject({ status: 401 });
    const headers = { authorization: 'Bearer let-me-in' };
    expect((await ask(`${url}/records/${UNKNOWN_ID}`, { headers })).status).toBe(404);
    expect((await ask(`${url}/healthz`)).status).toBe(200);
  });

  test('refuses to start on a port that is in use, and leaves the database closed', async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    let closed = 0;
    const wrapStore = (store: RecordStore): RecordStore => ({
      ...store,
      async close() {
        closed += 1;
        await store.close();
      },
    });
    await expect(start({ wrapStore }, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(closed).toBe(1);
  });

  test('closes although a client keeps a connection open', async () => {
    const records = await start();
    const idle = connect(Number(new URL(records.url).port), '127.0.0.1');
    await new Promise((resolve) => idle.once('connect', resolve));
    await records.close();
    idle.destroy();
    await expect(fetch(`${records.url}/healthz`)).rejects.toThrow();
  });

  test('describes itself as OpenAPI 3.1 with the schemas that judge requests', async () => {
    const { url } = await start();
    const { body } = await ask(`${url}/openapi.json`);
    expect(body.openapi).toMatch(/^3\.1\./);
    expect(Object.keys(body.paths as Json)).toEqual(['/records', '/records/{id}']);
    const { NewRecord, Record } = (body.components as { schemas: Record<string, Json> }).schemas;
    expect(NewRecord?.required).toEqual(Object.keys(makeNewRecord()));
    expect(NewRecord?.additionalProperties).toBe(false);
    expect(Record?.required).toEqual(['id', ...Object.keys(makeNewRecord()), 'createdAt']);
  });
});
