import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultSink, startFaultSink } from '../helpers/fault-sink.ts';
import { createTrafficStage, type TrafficStage } from '../helpers/spool-process.ts';

/** Within so long after its end a span is on disk, as it is promised. */
const STORED_WITHIN_MS = 200;

let stage: TrafficStage;
let sink: FaultSink;
beforeEach(async () => {
  stage = createTrafficStage();
  sink = await startFaultSink();
});
afterEach(async () => {
  stage.close();
  await sink.close();
});

const ids = () => stage.made().map(({ spanId }) => spanId);
const missing = () => ids().filter((id) => !sink.spanIds.has(id));
const allArrived = () => sink.until(() => ids().length > 0 && missing().length === 0);
const tracesOf = ({ requests }: FaultSink) => requests.filter(({ path }) => path === '/v1/traces');

test('spans arrive, nothing stays on disk after a shutdown, and the requests that carry them are not traced', async () => {
  const bot = await stage.start(sink.url);
  await bot.tell('make 40 400');
  await bot.tell('shutdown');
  expect(missing()).toEqual([]);
  expect(sink.spanIds.size).toBe(40);
  expect(stage.files()).toEqual([]);
  await bot.tell('exit');
});

test('a receiver that is away costs nothing: the next process of the service delivers what was killed with -9', async () => {
  const away = sink.url;
  await sink.close();
  const bot = await stage.start(away);
  await bot.tell('make 200 400');
  const killedAtMs = await bot.kill();
  const stored = stage.stored();
  const unstored = stage.made().filter(({ spanId }) => !stored.includes(spanId));
  expect(
    unstored.map(({ endedAtMs }) => killedAtMs - endedAtMs).filter((beforeMs) => beforeMs > STORED_WITHIN_MS),
  ).toEqual([]);
  expect(stored.length).toBeGreaterThan(100);
  sink = await startFaultSink(sink.port);
  const next = await stage.start(away);
  await sink.until(() => stored.every((id) => sink.spanIds.has(id)));
  await next.tell('shutdown');
  expect(stage.files()).toEqual([]);
});

test('a process that ends by itself, without a shutdown, leaves its last spans on disk', async () => {
  sink.mode = { kind: 'hang' };
  const bot = await stage.start(sink.url);
  await bot.tell('flood 300');
  await bot.tell('exit');
  await bot.ended();
  sink.mode = { kind: 'ok' };
  await stage.start(sink.url);
  await allArrived();
  expect(sink.spanIds.size).toBe(300);
});

test.each([
  ['503', { kind: 'status', status: 503 }],
  ['401', { kind: 'status', status: 401 }],
  ['an answer that is cut', { kind: 'cut' }],
] as const)('%s is no loss: the spans stay, and go to the receiver of the next start', async (_name, mode) => {
  sink.mode = mode;
  const bot = await stage.start(sink.url);
  await bot.tell('make 30 300');
  await bot.tell('shutdown');
  await bot.kill();
  expect(stage.files()).not.toEqual([]);
  expect(bot.errors()).toMatch(/traces wait on disk/);
  sink.mode = { kind: 'ok' };
  await stage.start(sink.url);
  await allArrived();
});

test.each([
  ['seconds', () => '2'],
  ['a date', () => new Date(Date.now() + 3000).toUTCString()],
])('Retry-After in %s is waited for', async (_name, retryAfter) => {
  sink.mode = { kind: 'status', status: 429, retryAfter };
  const bot = await stage.start(sink.url);
  await bot.tell('make 10 1000');
  await sink.until(() => tracesOf(sink).length > 0);
  sink.mode = { kind: 'ok' };
  await allArrived();
  const [first, second] = tracesOf(sink);
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(1900);
});

test.each([400, 413, 500])(
  '%d is not asked again: the batch is kept in dead/, what follows is delivered',
  async (status) => {
    sink.mode = { kind: 'status', status };
    const bot = await stage.start(sink.url);
    await bot.tell('make 20 1000');
    await sink.until(() => tracesOf(sink).length > 0);
    await bot.tell('shutdown');
    await bot.kill();
    const dead = stage.files().filter((name) => name.startsWith('dead/'));
    expect(dead.every((name) => name.includes(`http-${status}`))).toBe(true);
    expect(dead.length).toBeGreaterThan(0);
    sink.mode = { kind: 'ok' };
    const next = await stage.start(sink.url);
    const before = stage.made().length;
    await next.tell('make 20 1000');
    await sink.until(() => sink.spanIds.size === 20);
    const refused = new Set(
      stage
        .made()
        .slice(0, before)
        .map(({ spanId }) => spanId),
    );
    expect([...sink.spanIds].filter((id) => refused.has(id))).toEqual([]);
  },
);

test('of a backlog that leaves in one request, only the batch that the receiver refuses is lost to it', async () => {
  sink.mode = { kind: 'status', status: 503 };
  const bot = await stage.start(sink.url);
  await bot.tell('make 30 60 good');
  await bot.tell('make 1 60 poison');
  await bot.tell('make 30 60 good');
  sink.mode = { kind: 'refuse', text: 'poison' };
  await sink.until(() => sink.spanIds.size >= 50);
  await bot.tell('shutdown');
  expect(missing().length).toBeLessThan(30);
  expect(stage.files().filter((name) => name.startsWith('dead/'))).toHaveLength(1);
  expect(bot.errors()).toMatch(/refused .* for good/);
});

test('what a receiver rejects of a batch that it took is never sent again', async () => {
  sink.mode = { kind: 'partial', rejected: 3 };
  const bot = await stage.start(sink.url);
  await bot.tell('flood 50');
  await bot.tell('shutdown');
  expect(bot.errors()).toMatch(/rejected 3 of 50 traces/);
  expect(tracesOf(sink)).toHaveLength(1);
  expect(stage.files()).toEqual([]);
});

test('a receiver that hangs holds up neither the shutdown nor the spans', async () => {
  sink.mode = { kind: 'hang' };
  const bot = await stage.start(sink.url, { OTEL_EXPORTER_OTLP_TIMEOUT: '500' });
  await bot.tell('flood 50');
  await sink.until(() => tracesOf(sink).length > 0);
  sink.mode = { kind: 'ok' };
  await allArrived();
  await bot.tell('shutdown');
});

test('CALLSPAN_SPOOL=off exports straight to the receiver and writes nothing', async () => {
  const bot = await stage.start(sink.url, { CALLSPAN_SPOOL: 'off' });
  await bot.tell('flood 50');
  await bot.tell('shutdown');
  expect(missing()).toEqual([]);
  expect(stage.files()).toEqual([]);
});

test('a folder that cannot be used is said once, and the exports go straight to the receiver', async () => {
  const file = join(stage.folder, 'a-file');
  writeFileSync(file, '');
  const bot = await stage.start(sink.url, { CALLSPAN_SPOOL_DIR: join(file, 'spool') });
  await bot.tell('flood 50');
  await bot.tell('shutdown');
  expect(missing()).toEqual([]);
  expect(bot.errors().match(/cannot be used/g)).toHaveLength(1);
});

test('under node --permission without --allow-worker that is said once, and the exports go straight to the receiver', async () => {
  const bot = await stage.start(sink.url, {
    NODE_OPTIONS: '--permission --allow-fs-read=* --allow-fs-write=*',
  });
  await bot.tell('flood 50');
  await bot.tell('shutdown');
  expect(missing()).toEqual([]);
  expect(bot.errors().match(/exports go straight to the receiver: .*--allow-worker/g)).toHaveLength(1);
});

test.each([
  ['CALLSPAN_SPOOL', 'maybe', 'on or off'],
  ['CALLSPAN_SPOOL_MAX_BYTES', '12', 'a whole number of bytes, at least 1048576'],
  ['CALLSPAN_SPOOL_MAX_AGE_HOURS', '-1', 'a number of hours above 0'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', 'http/json or http/protobuf'],
])('%s=%s stops the start with name, value and the expected form', async (name, value, expected) => {
  await expect(stage.start(sink.url, { [name]: value })).rejects.toThrow(`${name} is "${value}"; expected ${expected}`);
});
