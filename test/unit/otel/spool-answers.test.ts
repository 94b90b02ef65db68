import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createBackoff } from '../../../otel/src/spool/worker/backoff.ts';
import { mergeableCount, mergeBodies } from '../../../otel/src/spool/worker/merge.ts';
import { judge, parseRetryAfter } from '../../../otel/src/spool/worker/outcome.ts';
import type { Batch } from '../../../otel/src/spool/worker/protocol.ts';
import { createReporter } from '../../../otel/src/spool/worker/reporter.ts';
import { createSender } from '../../../otel/src/spool/worker/send.ts';

const NOW_MS = Date.parse('2026-01-01T00:00:00Z');
const reply = (status: number, body: string | Buffer = '', retryAfter?: string) => ({
  status,
  body: Buffer.from(body),
  retryAfter,
});
const judged = (...args: Parameters<typeof reply>) => judge(reply(...args), 'traces', NOW_MS);

test.each([429, 502, 503, 504])('%d is asked again', (status) => {
  expect(judged(status)).toEqual({ kind: 'retry', reason: `status ${status}` });
});

test.each([301, 400, 404, 408, 413, 500, 501])('%d is final', (status) => {
  expect(judged(status)).toEqual({ kind: 'refused', status });
});

test.each([401, 403])('%d waits for a person', (status) => {
  expect(judged(status)).toEqual({ kind: 'unauthorized', status });
});

test('no answer is asked again', () => {
  expect(judge({ failure: 'reset' }, 'traces', NOW_MS)).toEqual({ kind: 'retry', reason: 'reset' });
});

test.each([
  ['', 0],
  ['{}', 0],
  ['<html>', 0],
  ['{"partialSuccess":{}}', 0],
  ['{"partialSuccess":{"rejectedSpans":"3"}}', 3],
  ['{"partialSuccess":{"rejectedSpans":4}}', 4],
  ['{"partialSuccess":{"rejectedSpans":-4}}', 0],
  [Buffer.from([0x0a, 0x03, 0x08, 0xac, 0x02]), 300],
  [Buffer.from([0x0a, 0x00]), 0],
])('of a batch that was taken with %j, %d were rejected', (body, rejected) => {
  expect(judged(200, body)).toEqual({ kind: 'delivered', rejected });
});

test.each([
  ['7', 7000],
  ['0', 0],
  ['Thu, 01 Jan 2026 00:00:30 GMT', 30_000],
  ['Thu, 01 Jan 2025 00:00:00 GMT', 0],
  ['86400', 300_000],
  ['Fri, 02 Jan 2026 00:00:00 GMT', 300_000],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s is %d ms, never more than five minutes', (header, waitMs) => {
  expect(parseRetryAfter(header, NOW_MS)).toBe(waitMs);
});

test('pauses double to twenty seconds, a fifth longer or shorter, and begin again after a success', () => {
  const least = createBackoff(() => 0);
  expect(Array.from({ length: 8 }, () => least.nextMs())).toEqual([400, 800, 1600, 3200, 6400, 12_800, 16_000, 16_000]);
  least.reset();
  expect(least.nextMs()).toBe(400);
  expect(createBackoff(() => 1).nextMs()).toBe(600);
});

const batch = (body: string, protobuf = false): Batch => ({
  items: 1,
  traceIds: [],
  protobuf,
  body: Buffer.from(body),
});

test('JSON requests of a backlog are joined to one', () => {
  const batches = [batch('{"resourceSpans":[{"a":1}]}'), batch('{"resourceSpans":[{"b":2},{"c":3}]}')];
  expect(mergeableCount('traces', batches)).toBe(2);
  expect(JSON.parse(Buffer.from(mergeBodies('traces', batches)).toString())).toEqual({
    resourceSpans: [{ a: 1 }, { b: 2 }, { c: 3 }],
  });
});

test('protobuf requests are put one behind the other, never with JSON', () => {
  expect(Buffer.from(mergeBodies('traces', [batch('ab', true), batch('cd', true)])).toString()).toBe('abcd');
  expect(mergeableCount('traces', [batch('ab', true), batch('cd', true), batch('{"resourceSpans":[]}')])).toBe(2);
});

test('requests that are made one after the other in the same memory are each what was asked for', () => {
  const scratch = Buffer.alloc(16, 'x');
  expect(Buffer.from(mergeBodies('traces', [batch('abcd', true), batch('ef', true)], scratch)).toString()).toBe(
    'abcdef',
  );
  expect(Buffer.from(mergeBodies('traces', [batch('gh', true), batch('i', true)], scratch)).toString()).toBe('ghi');
  const long = batch('0123456789', true);
  expect(Buffer.from(mergeBodies('traces', [long, long], scratch)).toString()).toBe('01234567890123456789');
});

test('a receiver that answers before it has read everything gets nothing more of that request', async () => {
  const server = createServer((socket) => {
    socket.pause();
    socket.end('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n');
  });
  const connected = once(server, 'connection') as Promise<[Socket]>;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const destination = { url: `http://127.0.0.1:${port}/`, headers: {}, timeoutMs: 20_000, gzip: false, tls: {} };
  const body = Buffer.alloc(16 * 1024 * 1024, 'a');
  const reply = await createSender(destination, 'test').send(body, false);
  expect(reply).toMatchObject({ status: 413 });
  body.fill('b');
  const [socket] = await connected;
  let isReused = false;
  socket.on('data', (chunk: Buffer) => {
    isReused ||= chunk.includes('b');
  });
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'close');
  expect(isReused).toBe(false);
  await new Promise((resolve) => server.close(resolve));
});

test('what has not the usual shape goes alone', () => {
  expect(mergeableCount('traces', [batch('{ "resourceSpans": [] }'), batch('{"resourceSpans":[{}]}')])).toBe(1);
});

test('a problem is told at once, then once a minute with how often it came', () => {
  const told: string[] = [];
  let nowMs = 0;
  const report = createReporter(
    (kind, text) => told.push(`${kind}: ${text}`),
    () => nowMs,
  );
  report('full', 'no room');
  for (nowMs = 1000; nowMs < 60_000; nowMs += 10_000) report('full', 'no room');
  nowMs = 61_000;
  report('full', 'no room');
  expect(told).toEqual(['full: no room', 'full: no room (7 times since it was last told)']);
});
