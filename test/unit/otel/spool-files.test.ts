import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Counters, createCounters } from '../../../otel/src/spool/worker/counters.ts';
import { createDisk, type Disk } from '../../../otel/src/spool/worker/disk.ts';
import type { Batch, SpoolSettings } from '../../../otel/src/spool/worker/protocol.ts';
import { openStorage, type Storage } from '../../../otel/src/spool/worker/storage.ts';

let root: string;
let counters: Counters;
let problems: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'callspan-spool-unit-'));
  counters = createCounters();
  problems = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const MEGABYTE = 1024 * 1024;
const open = (settings: Partial<SpoolSettings> = {}, disk: Disk = createDisk()): Storage =>
  openStorage(
    {
      root,
      member: 'p1-test',
      maxBytes: 16 * MEGABYTE,
      maxAgeMs: 3_600_000,
      counters: counters.buffer,
      isResumed: false,
      userAgent: 'test',
      ...settings,
    },
    counters,
    (kind) => problems.push(kind),
    disk,
  );
const batch = (number: number, bytes = 100): Batch => ({
  items: 1,
  protobuf: false,
  traceIds: [String(number).padStart(32, '0')],
  body: Buffer.from(`${number}`.padEnd(bytes, '.')),
});
/** Takes everything out, in order. */
const deliver = (storage: Storage): number[] => {
  const numbers: number[] = [];
  for (let parcel = storage.next('traces'); parcel; parcel = storage.next('traces')) {
    numbers.push(...parcel.records.map(({ body }) => Number.parseInt(Buffer.from(body).toString(), 10)));
    storage.settleDelivered(parcel, 0);
  }
  return numbers;
};
const figures = () => ({
  stored: counters.get('traces.stored'),
  delivered: counters.get('traces.delivered'),
  pending: counters.get('traces.pending'),
  dead: counters.get('traces.dead'),
});
const expectToAddUp = () => {
  const { stored, delivered, pending, dead } = figures();
  expect(delivered + pending + dead).toBe(stored);
};
/** Makes a folder somebody else's. */
const rewriteOwner = (member: string, changed: object) => {
  const file = join(root, member, 'owner.json');
  const own = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...own, ...changed }));
};
const filesOf = (folder: string) => readdirSync(join(root, folder)).filter((name) => name !== 'owner.json');
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

test('what is stored comes out in order, once, and each signal has its own files', () => {
  const storage = open();
  for (const number of range(0, 500)) storage.store('traces', batch(number));
  storage.store('logs', batch(1));
  expect(deliver(storage)).toEqual(range(0, 500));
  expect(deliver(storage)).toEqual([]);
  expect(figures()).toEqual({ stored: 500, delivered: 500, pending: 0, dead: 0 });
  expect(storage.next('logs')?.records).toHaveLength(1);
});

test('what a process that is gone had delivered is not delivered again, the rest is taken over and counted', async () => {
  const gone = open({ member: 'p1-gone' });
  for (const number of range(0, 20)) gone.store('traces', batch(number, 50_000));
  const parcel = gone.next('traces');
  if (parcel) gone.settleDelivered(parcel, 0);
  const delivered = parcel?.records.length ?? 0;
  expect(delivered).toBeGreaterThan(0);
  // No process has this number.
  rewriteOwner('p1-gone', { pid: 2 ** 30, start: '' });
  counters = createCounters();
  const next = open({ member: 'p1-next' });
  await next.adopt();
  expect(figures()).toEqual({ stored: 20 - delivered, delivered: 0, pending: 20 - delivered, dead: 0 });
  expect(deliver(next)).toEqual(range(delivered, 20));
  next.tidy();
  expect(readdirSync(root)).toEqual([]);
});

test('the folder of a process that lives is left alone', async () => {
  open({ member: 'p1-alive' }).store('traces', batch(1));
  const next = open({ member: 'p1-next' });
  await next.adopt();
  expect(next.next('traces')).toBeUndefined();
});

test('of folders only those are taken over whose process, or whose host, is certainly gone', async () => {
  const owners = {
    // The number of a process came again, for ours.
    'p-reused': { start: '1' },
    'p-elsewhere': { host: 'elsewhere' },
    'p-silent': { host: 'elsewhere' },
    // A container with our name: the number says nothing here.
    'p-container': { namespace: 'pid:[1]', pid: 2 ** 30 },
  };
  for (const [index, [member, owner]] of Object.entries(owners).entries()) {
    open({ member }).store('traces', batch(index));
    rewriteOwner(member, owner);
  }
  const longAgo = new Date(Date.now() - 121_000);
  utimesSync(join(root, 'p-silent', 'owner.json'), longAgo, longAgo);
  const storage = open();
  await storage.adopt();
  expect(deliver(storage).sort()).toEqual([0, 2]);
  expect(readdirSync(root).sort()).toEqual(['p-container', 'p-elsewhere', 'p1-test']);
});

test('a trace that lost several batches is counted once', () => {
  const storage = open({ maxAgeMs: 1000 });
  for (const _ of range(0, 5)) storage.store('traces', batch(1));
  storage.store('traces', batch(2));
  storage.maintain(Date.now() + 2000);
  expect(figures().dead).toBe(6);
  expect(counters.get('incomplete.dropped')).toBe(2);
});

test('a full spool drops the oldest first, counts them and their traces, and adds up', () => {
  const storage = open({ maxBytes: MEGABYTE });
  for (const number of range(0, 300)) storage.store('traces', batch(number, 10_000));
  const kept = deliver(storage);
  expect(kept.at(-1)).toBe(299);
  expect(kept).toEqual(range(300 - kept.length, 300));
  expect(kept.length).toBeGreaterThan(80);
  expect(figures()).toEqual({ stored: 300, delivered: kept.length, pending: 0, dead: 300 - kept.length });
  expect(counters.get('incomplete.dropped')).toBe(300 - kept.length);
  expect(problems).toContain('dropped');
});

test('what is older than allowed is dropped', () => {
  const storage = open({ maxAgeMs: 3_600_000 });
  storage.store('traces', batch(1));
  storage.maintain(Date.now() + 3_500_000);
  expect(figures().pending).toBe(1);
  storage.maintain(Date.now() + 3_700_000);
  expect(figures()).toEqual({ stored: 1, delivered: 0, pending: 0, dead: 1 });
  expect(deliver(storage)).toEqual([]);
});

test('a full disk loses the oldest, and storing goes on when there is room', () => {
  const real = createDisk();
  let room = 200_000;
  const disk: Disk = {
    write(fd, parts, at) {
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      const used = readdirSync(join(root, 'p1-test'))
        .map((name) => readFileSync(join(root, 'p1-test', name)).length)
        .reduce((sum, each) => sum + each, 0);
      if (used + bytes > room) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
      real.write(fd, parts, at);
    },
  };
  const storage = open({ maxBytes: MEGABYTE }, disk);
  for (const number of range(0, 40)) storage.store('traces', batch(number, 10_000));
  expect(figures().dead).toBeGreaterThan(10);
  expectToAddUp();
  room = 10 * MEGABYTE;
  for (const number of range(40, 60)) storage.store('traces', batch(number, 10_000));
  const kept = deliver(storage);
  expect(kept).toEqual(range(60 - kept.length, 60));
  expect(kept.length).toBeGreaterThan(20);
  expectToAddUp();
});

test('a disk that takes nothing at all loses only what comes, and says so', () => {
  const broken: Disk = {
    write() {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    },
  };
  const storage = open({}, broken);
  storage.store('traces', batch(1));
  expect(figures()).toEqual({ stored: 0, delivered: 0, pending: 0, dead: 0 });
  expect(counters.get('handled')).toBe(1);
  expect(counters.get('incomplete.not_stored')).toBe(1);
  expect(problems).toContain('not_stored');
});

test('flipped bytes cost the records that they are in; the rest is delivered and the file is moved aside', () => {
  const storage = open();
  for (const number of range(0, 50)) storage.store('traces', batch(number, 1000));
  const [name = ''] = filesOf('p1-test');
  const file = join(root, 'p1-test', name);
  const bytes = readFileSync(file);
  // In a body, and in the length of another record's body.
  bytes[32 + 5000] = (bytes[32 + 5000] ?? 0) ^ 0xff;
  const at = bytes.indexOf('CSR1', 20_000);
  bytes[at + 10] = 0xff;
  writeFileSync(file, bytes);
  const kept = deliver(storage);
  expect(kept).toHaveLength(48);
  expect(filesOf('damaged')).toEqual([name]);
  expect(figures()).toEqual({ stored: 50, delivered: 48, pending: 0, dead: 2 });
  expect(problems.filter((kind) => kind === 'damaged')).toHaveLength(1);
});

test('a file that ends in the middle of a record is no damage: its process was killed while it wrote', async () => {
  const storage = open();
  for (const number of range(0, 10)) storage.store('traces', batch(number, 1000));
  const [name = ''] = filesOf('p1-test');
  const file = join(root, 'p1-test', name);
  truncateSync(file, readFileSync(file).length - 300);
  counters = createCounters();
  const again = open({ isResumed: true });
  expect(deliver(again)).toEqual(range(0, 9));
  expect(problems).not.toContain('damaged');
});

test('a file of noise, and one that is empty, stop nothing', () => {
  open().store('traces', batch(7));
  writeFileSync(join(root, 'p1-test', '000000000000001-x-1.traces'), Buffer.alloc(5000, 0xa5));
  writeFileSync(join(root, 'p1-test', '000000000000001-x-2.traces'), '');
  const again = open({ isResumed: true });
  expect(deliver(again)).toEqual([7]);
});

test('a thread that is started again counts nothing twice', () => {
  const first = open();
  for (const number of range(0, 10)) first.store('traces', batch(number));
  const parcel = first.next('traces', 4);
  if (parcel) first.settleDelivered(parcel, 0);
  const again = open({ isResumed: true });
  expect(figures()).toEqual({ stored: 10, delivered: 4, pending: 6, dead: 0 });
  expect(deliver(again)).toEqual(range(4, 10));
  expectToAddUp();
});

test('refused batches are kept in dead/, which stays small', () => {
  const storage = open({ maxBytes: MEGABYTE });
  for (const number of range(0, 50)) {
    storage.store('traces', batch(number, 5000));
    const parcel = storage.next('traces');
    if (parcel) storage.settleDead(parcel, 'http-400');
  }
  expect(figures()).toEqual({ stored: 50, delivered: 0, pending: 0, dead: 50 });
  const bytes = filesOf('dead').map((name) => readFileSync(join(root, 'dead', name)).length);
  expect(bytes.length).toBeGreaterThan(5);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(MEGABYTE / 16);
  expect(counters.get('incomplete.refused')).toBe(50);
});

test('refused batches that a person puts into a folder of the spool are sent again', async () => {
  const storage = open();
  storage.store('traces', batch(3));
  const parcel = storage.next('traces');
  if (parcel) storage.settleDead(parcel, 'http-400');
  mkdirSync(join(root, 'p-again'));
  for (const name of filesOf('dead')) renameSync(join(root, 'dead', name), join(root, 'p-again', name));
  await storage.adopt();
  expect(deliver(storage)).toEqual([]);
  const longAgo = new Date(Date.now() - 61_000);
  utimesSync(join(root, 'p-again'), longAgo, longAgo);
  await storage.adopt();
  expect(deliver(storage)).toEqual([3]);
});

test('a folder that is removed under it is made again', () => {
  const storage = open();
  rmSync(join(root, 'p1-test'), { recursive: true });
  storage.store('traces', batch(1));
  expect(deliver(storage)).toEqual([1]);
});

test('folders and files are for their owner alone', () => {
  open().store('traces', batch(1));
  const modeOf = (path: string) => statSync(path).mode & 0o777;
  expect(modeOf(join(root, 'p1-test'))).toBe(0o700);
  expect(filesOf('p1-test').map((name) => modeOf(join(root, 'p1-test', name)))).toEqual([0o600]);
});
