import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLineWriter } from '../../../otel/src/logs/line-writer.ts';
import { createLogFile } from '../../../otel/src/logs/log-file.ts';

let folder: string;
let lost: { lines: number; error: unknown }[];
let nowMs: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-logs-'));
  lost = [];
  nowMs = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = () => join(folder, 'bot', 'combined.log');
const open = (maxBytes = 1000, kept = 5) =>
  createLineWriter(
    createLogFile({ path: path(), maxBytes, kept }, () => nowMs),
    (lines, error) => lost.push({ lines, error }),
  );
const lineOf = (number: number) => `${String(number).padStart(99, '0')}\n`;
const read = (name: string) => readFileSync(join(folder, 'bot', name), 'utf8');

/** One write each: what is gathered is written as one. */
const writeAll = (writer: ReturnType<typeof open>, count: number, from = 0) => {
  for (let number = from; number < from + count; number += 1) {
    writer.write(lineOf(number));
    writer.flush();
  }
};

test('the current file has the plain name always, and so many full ones stay beside it', () => {
  writeAll(open(), 100);
  expect(readdirSync(join(folder, 'bot')).sort()).toEqual([
    'combined.1.log',
    'combined.2.log',
    'combined.3.log',
    'combined.4.log',
    'combined.5.log',
    'combined.log',
  ]);
  expect(read('combined.log')).toContain(lineOf(99));
  expect(read('combined.1.log')).toContain(lineOf(89));
});

test('no file is larger than its limit and no line is lost or cut at the change', () => {
  writeAll(open(), 60);
  const names = [
    'combined.5.log',
    'combined.4.log',
    'combined.3.log',
    'combined.2.log',
    'combined.1.log',
    'combined.log',
  ];
  for (const name of names) expect(statSync(join(folder, 'bot', name)).size).toBe(1000);
  expect(names.map(read).join('')).toBe(Array.from({ length: 60 }, (_, number) => lineOf(number)).join(''));
});

test('after a restart the file is gone on with', () => {
  writeAll(open(), 9);
  writeAll(open(), 2, 9);
  expect(read('combined.1.log').split('\n')).toHaveLength(11);
  expect(read('combined.log')).toBe(lineOf(10));
});

test('two processes that share a file both go on in the current one', () => {
  const one = open();
  const other = open();
  writeAll(one, 9);
  writeAll(other, 2, 9);
  writeAll(one, 2, 11);
  expect(read('combined.log')).toContain(lineOf(12));
  expect(existsSync(join(folder, 'bot', 'combined.2.log'))).toBe(false);
});

test('a file that somebody renamed is begun anew', () => {
  const writer = open();
  writeAll(writer, 1);
  renameSync(path(), join(folder, 'bot', 'taken.log'));
  nowMs += 1001;
  writeAll(writer, 1, 1);
  expect(read('combined.log')).toBe(lineOf(1));
});

test('lines are written soon without anybody waiting for them', async () => {
  const writer = open();
  for (let number = 0; number < 5; number += 1) writer.write(lineOf(number));
  expect(existsSync(path())).toBe(false);
  while (!existsSync(path()) || statSync(path()).size < 500) await new Promise((resolve) => setImmediate(resolve));
  expect(read('combined.log').split('\n')).toHaveLength(6);
});

test('what cannot be written is counted, and written again when it can be', () => {
  writeFileSync(join(folder, 'bot'), 'a file where the folder should be');
  const writer = open();
  writeAll(writer, 3);
  expect(lost.map(({ lines }) => lines)).toEqual([1, 1, 1]);
  rmSync(join(folder, 'bot'));
  writeAll(writer, 1, 3);
  expect(read('combined.log')).toBe(lineOf(3));
  expect(lost).toHaveLength(3);
});

test('a full disk is counted and ends nothing', () => {
  const full = createLineWriter(createLogFile({ path: '/dev/full', maxBytes: 1000, kept: 5 }), (lines, error) =>
    lost.push({ lines, error }),
  );
  full.write(lineOf(0));
  full.write(lineOf(1));
  full.flush();
  expect(lost).toEqual([{ lines: 2, error: expect.objectContaining({ code: 'ENOSPC' }) }]);
});

test('more than may wait for a slow disk is dropped and counted', () => {
  const writer = open(100_000_000);
  const kilobyte = `${'x'.repeat(1023)}\n`;
  for (let count = 0; count < 1100; count += 1) writer.write(kilobyte);
  expect(lost).toHaveLength(1100 - 1024);
  writer.flush();
  expect(statSync(path()).size).toBe(1024 * 1024);
});

test('a target is told of a write that failed, at the end of the process, too', () => {
  let failed = 0;
  const target = {
    open: () => -1,
    failed() {
      failed += 1;
    },
  };
  const writer = createLineWriter(target, (lines, error) => lost.push({ lines, error }));
  writer.write(lineOf(0));
  writer.flush();
  expect(failed).toBe(1);
  expect(lost.map(({ lines }) => lines)).toEqual([1]);
});

test('what waits for a full pipe when the process ends is written first, and whole', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const fd = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
  const opened = Promise.withResolvers<void>();
  const target = {
    open() {
      opened.resolve();
      return fd;
    },
    failed() {},
  };
  const writer = createLineWriter(target, (lines, error) => lost.push({ lines, error }));
  const fill = Buffer.alloc(4096);
  let filled = 0;
  const isFull = () => {
    try {
      filled += writeSync(fd, fill);
      return false;
    } catch {
      return true;
    }
  };
  while (!isFull());
  const long = `${'A'.repeat(30_000)}\n`;
  writer.write(long);
  await opened.promise;
  // The threads that write have had their turn when they have looked at a file some times.
  for (let turn = 0; turn < 20; turn += 1) await stat(folder);
  writer.write('B\n');
  for (let read = 0; read < filled; ) read += readSync(fd, Buffer.alloc(filled - read));
  writer.flush();
  const arrived = Buffer.alloc(65_536);
  const length = readSync(fd, arrived);
  closeSync(fd);
  expect(arrived.subarray(0, length).toString()).toBe(`${long}B\n`);
  expect(lost).toEqual([]);
});

test('a writer that was flushed goes on', async () => {
  const writer = open();
  writer.write(lineOf(0));
  writer.flush();
  writer.write(lineOf(1));
  while (read('combined.log') === lineOf(0)) await new Promise((resolve) => setImmediate(resolve));
  expect(read('combined.log')).toBe(lineOf(0) + lineOf(1));
});
