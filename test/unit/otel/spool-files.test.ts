import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { createCounters } from '../../../otel/src/spool/worker/counters.ts';
import { createDisk, type Disk } from '../../../otel/src/spool/worker/disk.ts';
import {
  createSpoolStage,
  deliverAll,
  numberedBatch,
  type SpoolStage,
  systemError,
} from '../../helpers/spool-storage.ts';

let stage: SpoolStage;
beforeEach(() => {
  stage = createSpoolStage();
});
afterEach(() => stage.close());

const MEGABYTE = 1024 * 1024;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

const expectToAddUp = () => {
  const { stored, delivered, pending, dead } = stage.figures();
  expect(delivered + pending + dead).toBe(stored);
};

test('what is stored comes out in order, once, and each signal has its own files', () => {
  const storage = stage.open();
  for (const number of range(0, 500)) storage.store('traces', numberedBatch(number));
  storage.store('logs', numberedBatch(1));
  expect(deliverAll(storage)).toEqual(range(0, 500));
  expect(deliverAll(storage)).toEqual([]);
  expect(stage.figures()).toEqual({ stored: 500, delivered: 500, pending: 0, dead: 0 });
  expect(storage.next('logs')?.records).toHaveLength(1);
});

test('what a process that is gone had delivered is not delivered again, the rest is taken over and counted', async () => {
  const gone = stage.open({ member: 'p1-gone' });
  for (const number of range(0, 20)) gone.store('traces', numberedBatch(number, 50_000));
  const parcel = gone.next('traces');
  if (parcel) gone.settleDelivered(parcel, 0);
  const delivered = parcel?.records.length ?? 0;
  expect(delivered).toBeGreaterThan(0);
  // No process has this number.
  stage.rewriteOwner('p1-gone', { pid: 2 ** 30, start: '' });
  stage.counters = createCounters();
  const next = stage.open({ member: 'p1-next' });
  await next.adopt();
  expect(stage.figures()).toEqual({ stored: 20 - delivered, delivered: 0, pending: 20 - delivered, dead: 0 });
  expect(deliverAll(next)).toEqual(range(delivered, 20));
  next.tidy();
  expect(readdirSync(stage.root)).toEqual([]);
});

test('the folder of a process that lives is left alone', async () => {
  stage.open({ member: 'p1-alive' }).store('traces', numberedBatch(1));
  const next = stage.open({ member: 'p1-next' });
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
    stage.open({ member }).store('traces', numberedBatch(index));
    stage.rewriteOwner(member, owner);
  }
  const longAgo = new Date(Date.now() - 121_000);
  utimesSync(join(stage.root, 'p-silent', 'owner.json'), longAgo, longAgo);
  const storage = stage.open();
  await storage.adopt();
  expect(deliverAll(storage).sort()).toEqual([0, 2]);
  expect(readdirSync(stage.root).sort()).toEqual(['p-container', 'p-elsewhere', 'p1-test']);
});

test('a trace that lost several batches is counted once', () => {
  const storage = stage.open({ maxAgeMs: 1000 });
  for (const _ of range(0, 5)) storage.store('traces', numberedBatch(1));
  storage.store('traces', numberedBatch(2));
  storage.maintain(Date.now() + 2000);
  expect(stage.figures().dead).toBe(6);
  expect(stage.counters.get('incomplete.dropped')).toBe(2);
});

test('a full spool drops the oldest first, counts them and their traces, and adds up', () => {
  const storage = stage.open({ maxBytes: MEGABYTE });
  for (const number of range(0, 300)) storage.store('traces', numberedBatch(number, 10_000));
  const kept = deliverAll(storage);
  expect(kept.at(-1)).toBe(299);
  expect(kept).toEqual(range(300 - kept.length, 300));
  expect(kept.length).toBeGreaterThan(80);
  expect(stage.figures()).toEqual({ stored: 300, delivered: kept.length, pending: 0, dead: 300 - kept.length });
  expect(stage.counters.get('incomplete.dropped')).toBe(300 - kept.length);
  expect(stage.problems).toContain('dropped');
});

test('what is older than allowed is dropped', () => {
  const storage = stage.open({ maxAgeMs: 3_600_000 });
  storage.store('traces', numberedBatch(1));
  storage.maintain(Date.now() + 3_500_000);
  expect(stage.figures().pending).toBe(1);
  storage.maintain(Date.now() + 3_700_000);
  expect(stage.figures()).toEqual({ stored: 1, delivered: 0, pending: 0, dead: 1 });
  expect(deliverAll(storage)).toEqual([]);
});

test('a full disk loses the oldest, and storing goes on when there is room', () => {
  const real = createDisk();
  let room = 200_000;
  const disk: Disk = {
    ...real,
    write(fd, parts, at) {
      const bytes = parts.reduce((sum, part) => sum + part.length, 0);
      const used = readdirSync(join(stage.root, 'p1-test'))
        .map((name) => readFileSync(join(stage.root, 'p1-test', name)).length)
        .reduce((sum, each) => sum + each, 0);
      if (used + bytes > room) throw systemError('ENOSPC');
      real.write(fd, parts, at);
    },
  };
  const storage = stage.open({ maxBytes: MEGABYTE }, disk);
  for (const number of range(0, 40)) storage.store('traces', numberedBatch(number, 10_000));
  expect(stage.figures().dead).toBeGreaterThan(10);
  expectToAddUp();
  room = 10 * MEGABYTE;
  for (const number of range(40, 60)) storage.store('traces', numberedBatch(number, 10_000));
  const kept = deliverAll(storage);
  expect(kept).toEqual(range(60 - kept.length, 60));
  expect(kept.length).toBeGreaterThan(20);
  expectToAddUp();
});

test('a disk that takes nothing at all loses only what comes, and says so', () => {
  const broken: Disk = {
    ...createDisk(),
    write() {
      throw systemError('EIO');
    },
  };
  const storage = stage.open({}, broken);
  storage.store('traces', numberedBatch(1));
  expect(stage.figures()).toEqual({ stored: 0, delivered: 0, pending: 0, dead: 0 });
  expect(stage.counters.get('handled')).toBe(1);
  expect(stage.counters.get('incomplete.not_stored')).toBe(1);
  expect(stage.problems).toContain('not_stored');
});

test('flipped bytes cost the records that they are in; the rest is delivered and the file is moved aside', () => {
  const storage = stage.open();
  for (const number of range(0, 50)) storage.store('traces', numberedBatch(number, 1000));
  const [name = ''] = stage.filesOf('p1-test');
  const file = join(stage.root, 'p1-test', name);
  const bytes = readFileSync(file);
  // In a body, and in the length of another record's body.
  bytes[32 + 5000] = (bytes[32 + 5000] ?? 0) ^ 0xff;
  const at = bytes.indexOf('CSR1', 20_000);
  bytes[at + 10] = 0xff;
  writeFileSync(file, bytes);
  const kept = deliverAll(storage);
  expect(kept).toHaveLength(48);
  expect(stage.filesOf('damaged')).toEqual([name]);
  expect(stage.figures()).toEqual({ stored: 50, delivered: 48, pending: 0, dead: 2 });
  expect(stage.problems.filter((kind) => kind === 'damaged')).toHaveLength(1);
});

test('a file that ends in the middle of a record is no damage: its process was killed while it wrote', async () => {
  const storage = stage.open();
  for (const number of range(0, 10)) storage.store('traces', numberedBatch(number, 1000));
  const [name = ''] = stage.filesOf('p1-test');
  const file = join(stage.root, 'p1-test', name);
  truncateSync(file, readFileSync(file).length - 300);
  stage.counters = createCounters();
  const again = stage.open({ isResumed: true });
  expect(deliverAll(again)).toEqual(range(0, 9));
  expect(stage.problems).not.toContain('damaged');
});

test('a file of noise, and one that is empty, stop nothing', () => {
  stage.open().store('traces', numberedBatch(7));
  writeFileSync(join(stage.root, 'p1-test', '000000000000001-x-1.traces'), Buffer.alloc(5000, 0xa5));
  writeFileSync(join(stage.root, 'p1-test', '000000000000001-x-2.traces'), '');
  const again = stage.open({ isResumed: true });
  expect(deliverAll(again)).toEqual([7]);
});

test('a thread that is started again counts nothing twice', () => {
  const first = stage.open();
  for (const number of range(0, 10)) first.store('traces', numberedBatch(number));
  const parcel = first.next('traces', 4);
  if (parcel) first.settleDelivered(parcel, 0);
  const again = stage.open({ isResumed: true });
  expect(stage.figures()).toEqual({ stored: 10, delivered: 4, pending: 6, dead: 0 });
  expect(deliverAll(again)).toEqual(range(4, 10));
  expectToAddUp();
});

test('refused batches are kept in dead/, which stays small', () => {
  const storage = stage.open({ maxBytes: MEGABYTE });
  for (const number of range(0, 50)) {
    storage.store('traces', numberedBatch(number, 5000));
    const parcel = storage.next('traces');
    if (parcel) storage.settleDead(parcel, 'http-400');
  }
  expect(stage.figures()).toEqual({ stored: 50, delivered: 0, pending: 0, dead: 50 });
  const bytes = stage.filesOf('dead').map((name) => readFileSync(join(stage.root, 'dead', name)).length);
  expect(bytes.length).toBeGreaterThan(5);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(MEGABYTE / 16);
  expect(stage.counters.get('incomplete.refused')).toBe(50);
});

test('refused batches that a person puts into a folder of the spool are sent again', async () => {
  const storage = stage.open();
  storage.store('traces', numberedBatch(3));
  const parcel = storage.next('traces');
  if (parcel) storage.settleDead(parcel, 'http-400');
  mkdirSync(join(stage.root, 'p-again'));
  for (const name of stage.filesOf('dead'))
    renameSync(join(stage.root, 'dead', name), join(stage.root, 'p-again', name));
  await storage.adopt();
  expect(deliverAll(storage)).toEqual([]);
  const longAgo = new Date(Date.now() - 61_000);
  utimesSync(join(stage.root, 'p-again'), longAgo, longAgo);
  await storage.adopt();
  expect(deliverAll(storage)).toEqual([3]);
});

test('a folder that is removed under it is made again', () => {
  const storage = stage.open();
  rmSync(join(stage.root, 'p1-test'), { recursive: true });
  storage.store('traces', numberedBatch(1));
  expect(deliverAll(storage)).toEqual([1]);
});

test('folders and files are for their owner alone', () => {
  stage.open().store('traces', numberedBatch(1));
  const modeOf = (path: string) => statSync(path).mode & 0o777;
  expect(modeOf(join(stage.root, 'p1-test'))).toBe(0o700);
  expect(stage.filesOf('p1-test').map((name) => modeOf(join(stage.root, 'p1-test', name)))).toEqual([0o600]);
});
