import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type RunningRecords, startRecords } from '../../services/records/start.ts';
import { startPostgres } from '../helpers/postgres.ts';
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

async function withPostgres() {
  const postgres = await startPostgres();
  return { databaseUrl: postgres.url, close: postgres.close };
}
const withSqlite = async () => ({ databaseUrl: undefined, close: async () => undefined });

describe.each([
  ['SQLite', withSqlite],
  ['Postgres', withPostgres],
])('the records API on %s', (_name, openDatabase) => {
  const folder = mkdtempSync(join(tmpdir(), 'callspan-records-'));
  const lines: Line[] = [];
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let records: RunningRecords;
  let url: string;
  beforeAll(async () => {
    database = await openDatabase();
    // A second a record: what is newest never depends on how fast this machine is.
    let savedAtMs = Date.UTC(2026, 10, 21, 9);
    const now = () => {
      savedAtMs += 1000;
      return new Date(savedAtMs);
    };
    const config = makeRecordsConfig(folder, database.databaseUrl);
    records = await startRecords(config, { logger: createLineLogger(lines), now });
    url = records.url;
  });
  afterAll(async () => {
    await records.close();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('saves a record and says where it is', async () => {
    const saved = await postRecord(url, '"first"', makeNewRecord());
    expect(saved.status).toBe(201);
    expect(saved.headers.get('location')).toBe(`/records/${saved.body.id}`);
    expect(saved.body).toEqual({ ...makeNewRecord(), id: expect.any(String), createdAt: expect.any(String) });
    expect(new Date(String(saved.body.createdAt)).toISOString()).toBe(saved.body.createdAt);
    expect((await ask(`${url}/records/${saved.body.id}`)).body).toEqual(saved.body);
  });

  test('answers the same key and body with the same record, whatever quotes, key order and white space', async () => {
    const first = await postRecord(url, '"again"', makeNewRecord());
    const shuffled = Object.fromEntries(Object.entries(makeNewRecord()).reverse());
    const second = await postRecord(url, 'again', JSON.stringify(shuffled, null, 2));
    expect(second.status).toBe(200);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.body).toEqual(first.body);
  });

  test('refuses the same key with another body', async () => {
    await postRecord(url, '"other"', makeNewRecord());
    const second = await postRecord(url, '"other"', makeNewRecord({ name: 'Paul' }));
    expect(second).toMatchObject({ status: 422, body: { error: { code: 'idempotency_key_reused' } } });
  });

  test('makes one record out of 20 concurrent requests with one key', async () => {
    const body = makeNewRecord({ callSid: 'CA000000000000000000000000000000c0' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => postRecord(url, '"burst"', body)));
    expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
    expect(answers.every(({ status }) => [200, 201, 409].includes(status))).toBe(true);
    const listed = await ask(`${url}/records?callSid=${body.callSid}`);
    expect(listed.body.records).toHaveLength(1);
  });

  test('lists the records of a call, newest first', async () => {
    const callSid = 'CA000000000000000000000000000000a1';
    for (const name of ['one', 'two', 'three']) await postRecord(url, `list-${name}`, makeNewRecord({ callSid, name }));
    const { records: listed } = (await ask(`${url}/records?callSid=${callSid}`)).body as { records: Json[] };
    expect(listed.map((record) => record.name)).toEqual(['three', 'two', 'one']);
  });

  test('lists nothing for a call without records', async () => {
    const answer = await ask(`${url}/records?callSid=CAffffffffffffffffffffffffffffffff`);
    expect(answer).toMatchObject({ status: 200, body: { records: [] } });
  });

  test.each([
    ['no callSid', ''],
    ['another id', '?callSid=SM1'],
    ['two', `?callSid=CA${'0'.repeat(32)}&callSid=CA1`],
  ])('refuses to list with %s', async (_case, query) => {
    expect(await ask(`${url}/records${query}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'validation', fields: [{ path: 'callSid' }] } },
    });
  });

  test.each([UNKNOWN_ID, 'not-a-uuid', "'; DROP TABLE records; --"])('finds no record under %s', async (id) => {
    const answer = await ask(`${url}/records/${encodeURIComponent(id)}`);
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  });

  test.each([
    ['callSid', { callSid: 'CA1' }],
    ['callSid', { callSid: undefined }],
    ['traceId', { traceId: 'xyz' }],
    ['language', { language: 'de' }],
    ['name', { name: 7 }],
    ['name', { name: 'a\u0000b' }],
    ['name', { name: '\ud800' }],
    ['notes', { notes: 'x'.repeat(10_001) }],
    ['wanted.dateTime', { wanted: { dateTime: '2026-02-30T10:00', words: 'le 30 février' } }],
    ['wanted.dateTime', { wanted: { dateTime: '2026-11-24T14:30:00Z', words: 'mardi' } }],
    ['wanted.words', { wanted: { dateTime: null } }],
    ['fields.place', { fields: { ...makeNewRecord().fields, place: 'guessed' } }],
    ['surprise', { surprise: 1 }],
    ['id', { id: UNKNOWN_ID }],
  ])('names the field %s when it is not valid', async (path, overrides) => {
    const answer = await postRecord(url, '"invalid"', makeNewRecord(overrides));
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({
      code: 'validation',
      message: expect.stringContaining(path),
      fields: [{ path, message: expect.any(String) }],
    });
  });

  test('does not spend the key on a refused request', async () => {
    expect((await postRecord(url, '"spent?"', makeNewRecord({ language: 'de' }))).status).toBe(400);
    expect((await postRecord(url, '"spent?"', makeNewRecord())).status).toBe(201);
  });

  test.each([
    { what: 'no key', status: 400, code: 'idempotency_key_missing', key: undefined },
    { what: 'an unclosed key', status: 400, code: 'idempotency_key_invalid', key: '"abc' },
    { what: 'JSON cut short', status: 400, code: 'bad_json', body: '{"name": "Pierre Durand' },
    { what: 'a JSON array', status: 400, code: 'validation', body: '[]' },
    { what: 'an empty body', status: 400, code: 'validation', body: '' },
    { what: 'a form', status: 415, code: 'content_type', headers: { 'content-type': 'multipart/form-data' } },
    {
      what: 'a charset',
      status: 415,
      code: 'content_type',
      headers: { 'content-type': 'application/json; charset=x' },
    },
    { what: 'an encoding', status: 415, code: 'content_type', headers: { 'content-encoding': 'rot13' } },
    { what: 'half a gzip', status: 400, code: 'bad_request', headers: { 'content-encoding': 'gzip' } },
    { what: '64 kB and more', status: 413, code: 'body_too_large', body: `{"notes":"${'x'.repeat(65_536)}"}` },
  ])('refuses a request with $what', async ({ status, code, body = '{}', headers = {}, ...rest }) => {
    const answer = await postRecord(url, 'key' in rest ? rest.key : '"k"', body, headers);
    expect(answer).toMatchObject({ status, body: { error: { code, message: expect.any(String) } } });
    expect(JSON.stringify(answer.body)).not.toMatch(/Durand|at .*\.ts|node_modules/);
  });

  test('refuses a small gzip that inflates beyond the limit', async () => {
    const response = await fetch(`${url}/records`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', 'idempotency-key': '"bomb"' },
      body: gzipSync(JSON.stringify({ notes: 'x'.repeat(1_000_000) })),
    });
    expect(response.status).toBe(413);
  });

  test.each([
    ['GET', '/'],
    ['GET', '/records/a/b'],
    ['DELETE', `/records/${UNKNOWN_ID}`],
    ['PUT', '/records'],
  ])('answers %s %s with 404 in its own error shape', async (method, path) => {
    expect(await ask(`${url}${path}`, { method })).toMatchObject({
      status: 404,
      body: { error: { code: 'unknown_route' } },
    });
  });

  test('is healthy and ready, and lets nobody keep or sniff its answers', async () => {
    expect(await ask(`${url}/readyz`)).toMatchObject({ status: 200, body: { status: 'ok' } });
    const { status, headers } = await ask(`${url}/healthz`);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('writes one line a request, with the route and nothing that a caller said, and none for probes', async () => {
    lines.length = 0;
    await ask(`${url}/healthz`);
    await postRecord(url, '"logged"', makeNewRecord());
    await ask(`${url}/records/${UNKNOWN_ID}`);
    expect(lines.map((line) => line.fields)).toEqual([
      { event: 'http.request', method: 'POST', route: '/records', status: 201, durationMs: expect.any(Number) },
      expect.objectContaining({ route: '/records/:id', status: 404, errorCode: 'not_found' }),
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/Léa|vaccin|0612345678|CA0000/);
  });
});
