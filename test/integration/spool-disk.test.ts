import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultSink, startFaultSink } from '../helpers/fault-sink.ts';
import { createTrafficStage, type TrafficStage } from '../helpers/spool-process.ts';

/** Of util-linux. */
const UNSHARE = 'unshare';
const PRLIMIT = 'prlimit';
const COMPILER = 'cc';

/** A test that needs a tool of the system; where that is missing, one line says so. */
const testWith = (hasTool: boolean, tool: string) => {
  if (!hasTool) process.stderr.write(`skipped, because this machine has no ${tool}\n`);
  return hasTool ? test : test.skip;
};

let stage: TrafficStage;
let sink: FaultSink;
beforeEach(async () => {
  stage = createTrafficStage();
  sink = await startFaultSink(0, { kind: 'status', status: 503 });
});
afterEach(async () => {
  stage.close();
  await sink.close();
});

const madeBetween = (from: number, to?: number) =>
  stage
    .made()
    .slice(from, to)
    .map(({ spanId }) => spanId);

/** A disk of its own, seen by the process alone; not everywhere may one be had. */
const onSmallDisk = (folder: string) => [
  UNSHARE,
  '--user',
  '--map-root-user',
  '--mount',
  'sh',
  '-c',
  `mount -t tmpfs -o size=2m none ${folder} && exec "$@"`,
  'sh',
];
const hasSmallDisks =
  spawnSync(UNSHARE, ['--user', '--map-root-user', '--mount', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

testWith(hasSmallDisks, 'mounts of its own (unshare)')(
  'on a disk that is full the newest spans are kept and delivered, the oldest are counted as lost, and the process lives',
  async () => {
    const bot = await stage.start(
      sink.url,
      { CALLSPAN_SPOOL_DIR: '/mnt/spool', CALLSPAN_SPOOL_MAX_BYTES: String(64 * 1024 * 1024) },
      onSmallDisk('/mnt'),
    );
    await bot.tell('make 8000 4000');
    await sink.until(() => bot.errors().includes('the disk is full'));
    const before = stage.made().length;
    sink.mode = { kind: 'ok' };
    await bot.tell('make 200 1000');
    const newest = madeBetween(before);
    await sink.until(() => newest.every((id) => sink.spanIds.has(id)));
    expect(sink.spanIds.size).toBeGreaterThan(1000);
    expect(sink.spanIds.size).toBeLessThan(stage.made().length);
    expect(bot.errors()).toMatch(/the oldest \d+ traces were dropped/);
  },
);

testWith(spawnSync(PRLIMIT, ['--version']).status === 0, PRLIMIT)(
  'where a file may not grow any more, another one is begun, and nothing is lost',
  async () => {
    const bot = await stage.start(sink.url, {}, [PRLIMIT, '--fsize=200000']);
    await bot.tell('make 2000 2000');
    sink.mode = { kind: 'ok' };
    await bot.tell('make 100 1000');
    await sink.until(() => madeBetween(0).every((id) => sink.spanIds.has(id)));
    expect(bot.errors()).toContain('EFBIG');
    expect(bot.errors()).not.toContain('dropped');
  },
);

test('a file that was damaged while nobody ran is told once and moved aside; the rest is delivered', async () => {
  const bot = await stage.start(sink.url);
  await bot.tell('make 200 200');
  await bot.tell('shutdown');
  await bot.kill();
  const name = stage.files().find((each) => each.endsWith('.traces')) ?? '';
  const bytes = readFileSync(join(stage.spool, name));
  for (let at = 10_000; at < 10_400; at += 1) bytes[at] = 0;
  writeFileSync(join(stage.spool, name), bytes);
  sink.mode = { kind: 'ok' };
  const next = await stage.start(sink.url);
  await next.tell('make 10 1000');
  const newest = madeBetween(200);
  await sink.until(() => newest.every((id) => sink.spanIds.has(id)));
  await next.tell('shutdown');
  expect(sink.spanIds.size).toBeGreaterThan(120);
  expect(sink.spanIds.size).toBeLessThan(210);
  expect(stage.files().map((each) => each.split('/')[0])).toEqual(['damaged']);
  expect(next.errors().match(/was damaged/g)).toHaveLength(1);
});

test('processes of one service that run together never touch each other, and the last takes over from all', async () => {
  const bots = await Promise.all([stage.start(sink.url), stage.start(sink.url), stage.start(sink.url)]);
  await Promise.all(bots.map((bot) => bot.tell('make 100 300')));
  await Promise.all(bots.map((bot) => bot.tell('shutdown')));
  const folders = new Set(stage.files().map((name) => name.split('/')[0]));
  expect(folders.size).toBe(3);
  await Promise.all(bots.map((bot) => bot.kill()));
  sink.mode = { kind: 'ok' };
  const last = await stage.start(sink.url);
  await sink.until(() => sink.spanIds.size === 300);
  await last.tell('shutdown');
  expect(stage.files()).toEqual([]);
});

/** For LD_PRELOAD: a disk that never has what it was asked to keep; says so in a file. */
const HUNG_DISK = `
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
int fdatasync(int fd) {
  close(open(getenv("HUNG_DISK_FILE"), O_CREAT | O_WRONLY, 0600));
  for (;;) sleep(1);
}
`;
const hasCompiler = process.platform === 'linux' && spawnSync(COMPILER, ['--version']).status === 0;

testWith(hasCompiler, COMPILER)(
  'a disk that hangs holds up nothing else that the bot asks the system for',
  async () => {
    const source = join(stage.folder, 'hung.c');
    const library = join(stage.folder, 'hung.so');
    const asked = join(stage.folder, 'asked');
    writeFileSync(source, HUNG_DISK);
    expect(spawnSync(COMPILER, ['-shared', '-fPIC', '-o', library, source]).status).toBe(0);
    const isAsked = new Promise<void>((resolve) => {
      const watcher = watch(stage.folder, () => {
        if (!existsSync(asked)) return;
        watcher.close();
        resolve();
      });
    });
    // The smallest pool, which one file that hangs takes whole.
    const bot = await stage.start(sink.url, { LD_PRELOAD: library, HUNG_DISK_FILE: asked, UV_THREADPOOL_SIZE: '1' });
    await bot.tell('flood 3');
    await isAsked;
    await bot.tell('lookup');
    await bot.tell('flood 3');
    await bot.kill();
  },
);
