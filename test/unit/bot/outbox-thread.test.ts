import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
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
