import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOutboxThread } from '../../../services/bot/adapters/outbox/outbox-thread.ts';
import { createPostRecord } from '../../../services/bot/adapters/records/post-record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-thread-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ROW = { id: 'CA1:1', body: '{}', traceparent: null, createdAtMs: 1 };

test('a file that can not be opened stops the start', async () => {
  mkdirSync(join(folder, 'outbox.db'));
  await expect(startOutboxThread(join(folder, 'outbox.db'))).rejects.toThrow(/open database/);
});

test('what was written is there after a restart, once, and gone when removed', async () => {
  const first = await startOutboxThread(join(folder, 'outbox.db'));
  await first.add(ROW);
  await first.add(ROW);
  await first.close();
  const second = await startOutboxThread(join(folder, 'outbox.db'));
  expect(await second.lease(10, 20, 5)).toEqual([{ ...ROW, attempts: 1 }]);
  expect(await second.lease(10, 20, 5)).toEqual([]);
  await second.remove(ROW.id);
  expect(await second.lease(30, 40, 5)).toEqual([]);
  await second.close();
});

test('a later version of a record is leased when the earlier one was delivered or refused, and not before', async () => {
  const thread = await startOutboxThread(join(folder, 'outbox.db'));
  const leased = async (nowMs: number) => (await thread.lease(nowMs, nowMs + 10, 16)).map(({ id }) => id);
  for (const [index, id] of ['CA1:10', 'CA1:9', 'CA2:1', 'CA1:11'].entries()) {
    await thread.add({ ...ROW, id, createdAtMs: index });
  }
  expect(await leased(10)).toEqual(['CA1:9', 'CA2:1']);
  await thread.postpone('CA1:9', 500, 'down');
  expect(await leased(100)).toEqual(['CA2:1']);
  await thread.bury('CA1:9', 'HTTP 422');
  expect(await leased(200)).toEqual(['CA1:10', 'CA2:1']);
  await thread.remove('CA1:10');
  expect(await leased(300)).toEqual(['CA1:11', 'CA2:1']);
  await thread.close();
});

test('the record of a call that goes on is not behind what an outage left', async () => {
  const thread = await startOutboxThread(join(folder, 'outbox.db'));
  await thread.add(ROW);
  await thread.lease(10, 20, 1);
  await thread.add({ ...ROW, id: 'CA2:1', createdAtMs: 15 });
  expect((await thread.lease(30, 40, 1)).map(({ id }) => id)).toEqual(['CA2:1']);
  await thread.close();
});

/** Names of the outbox's files in which the text stands. */
const filesWith = (text: string) =>
  readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(text));

test('of a record that was delivered no byte is left, neither in the file nor in its log', async () => {
  const thread = await startOutboxThread(join(folder, 'outbox.db'));
  await thread.add({ ...ROW, body: 'Zebulon Quartz' });
  // One that needs pages of its own.
  await thread.add({ ...ROW, id: 'CA2:1', body: 'Zebulon Quartz '.repeat(2000) });
  await thread.add({ ...ROW, id: 'CA3:1', body: 'somebody else' });
  await thread.lease(10, 20, 5);
  await thread.postpone(ROW.id, 30, 'down');
  expect(filesWith('Zebulon')).not.toEqual([]);
  await thread.remove(ROW.id);
  await thread.remove('CA2:1');
  expect(filesWith('Zebulon')).toEqual([]);
  expect(filesWith('somebody else')).not.toEqual([]);
  await thread.close();
});

test('the files of the outbox are their owner’s only, in a folder that others may read, too', async () => {
  const file = join(folder, 'outbox.db');
  chmodSync(folder, 0o755);
  writeFileSync(file, '', { mode: 0o644 });
  const thread = await startOutboxThread(file);
  await thread.add(ROW);
  const modes = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]);
  expect(Object.fromEntries(modes)).toEqual({ 'outbox.db': 0o600, 'outbox.db-wal': 0o600, 'outbox.db-shm': 0o600 });
  await thread.close();
});

test('a thread that has ended says so instead of keeping callers waiting', async () => {
  const thread = await startOutboxThread(join(folder, 'outbox.db'));
  await thread.close();
  await expect(thread.add(ROW)).rejects.toThrow('ended');
});

test.each([
  [201, 'saved'],
  [401, 'later'],
  [404, 'later'],
  [409, 'later'],
  [422, 'refused'],
  [400, 'refused'],
  [503, 'later'],
])('an answer %i of the records service means %s', async (status, kind) => {
  const server = createServer((request, response) => {
    response.statusCode = request.headers.authorization === 'Bearer token' ? status : 500;
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const post = createPostRecord(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 'token');
  expect((await post({ ...ROW, attempts: 1 })).kind).toBe(kind);
  server.closeAllConnections();
  server.close();
});
