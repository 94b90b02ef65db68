import { closeSync, openSync } from 'node:fs';
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

/** The system gives the lowest number that is free: one more for each file that stays open. */
function nextDescriptor(): number {
  const fd = openSync(import.meta.filename, 'r');
  closeSync(fd);
  return fd;
}

/** Processes that stored a span each, counted for themselves and were killed. */
function leaveBehind(count: number): void {
  const { counters } = stage;
  stage.counters = createCounters();
  for (let number = 0; number < count; number += 1) {
    const member = `p${number}-gone`;
    stage.open({ member }).store('traces', numberedBatch(number));
    // No process has this number.
    stage.rewriteOwner(member, { pid: 2 ** 30, start: '' });
  }
  stage.counters = counters;
}

test('files that wait are not open: as many may wait as the disk holds', async () => {
  leaveBehind(50);
  const before = nextDescriptor();
  const storage = stage.open();
  await storage.adopt();
  expect(storage.next('traces')).toBeDefined();
  await storage.sync();
  storage.maintain(Date.now());
  expect(stage.figures().pending).toBe(50);
  expect(nextDescriptor()).toBe(before);
});

test('a file that was full is not open any more', () => {
  const storage = stage.open({ maxBytes: 1024 * 1024 });
  storage.store('traces', numberedBatch(0));
  const before = nextDescriptor();
  for (let number = 1; number < 50; number += 1) storage.store('traces', numberedBatch(number, 15_000));
  expect(stage.filesOf('p1-test').length).toBeGreaterThan(5);
  expect(nextDescriptor()).toBe(before);
});

test('where no more files may be open, nothing that waits is lost or damaged for it, and all goes on afterwards', async () => {
  leaveBehind(3);
  const real = createDisk();
  let isShort = false;
  const disk: Disk = {
    ...real,
    open(file) {
      if (isShort) throw systemError('EMFILE');
      return real.open(file);
    },
  };
  const storage = stage.open({}, disk);
  await storage.adopt();
  leaveBehind(1);
  isShort = true;
  await storage.adopt();
  expect(storage.next('traces')).toBeUndefined();
  await storage.sync();
  storage.tidy();
  expect(stage.figures()).toEqual({ stored: 3, delivered: 0, pending: 3, dead: 0 });
  expect(stage.problems.sort()).toEqual(['adopt', 'read', 'sync', 'sync', 'sync']);
  isShort = false;
  await storage.adopt();
  expect(deliverAll(storage).sort()).toEqual([0, 0, 1, 2]);
});

test('where a disk fails to keep how far a file is delivered, delivery goes on and adds up', () => {
  const disk: Disk = {
    ...createDisk(),
    overwrite() {
      throw systemError('EIO');
    },
  };
  const storage = stage.open({}, disk);
  for (const number of [1, 2, 3]) storage.store('traces', numberedBatch(number));
  const parcel = storage.next('traces', 2);
  if (parcel) storage.settleDelivered(parcel, 1);
  expect(deliverAll(storage)).toEqual([3]);
  expect(stage.figures()).toEqual({ stored: 3, delivered: 2, pending: 0, dead: 1 });
  expect(stage.problems).toContain('write');
});

test('a disk that cannot keep what it was given is told, and asked again for what comes then', async () => {
  let asked = 0;
  const disk: Disk = {
    ...createDisk(),
    sync() {
      asked += 1;
      throw systemError('EIO');
    },
  };
  const storage = stage.open({}, disk);
  for (let round = 1; round <= 2; round += 1) {
    storage.store('traces', numberedBatch(round));
    await storage.sync();
    await storage.sync();
    expect(asked).toBe(round);
  }
  expect(stage.problems).toEqual(['sync', 'sync']);
  expect(deliverAll(storage)).toEqual([1, 2]);
});
