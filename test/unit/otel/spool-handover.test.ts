import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Handover, startHandover } from '../../../otel/src/spool/handover.ts';
import type { Batch, Destinations, SpoolSettings } from '../../../otel/src/spool/worker/protocol.ts';
import { startSpoolWorker } from '../../../otel/src/spool/worker-source.ts';
import { type FaultSink, startFaultSink } from '../../helpers/fault-sink.ts';

let folder: string;
let sink: FaultSink;
let warnings: string[];
let threads: Worker[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-handover-'));
  sink = await startFaultSink(0, { kind: 'status', status: 503 });
  warnings = [];
  threads = [];
});
afterEach(async () => {
  await Promise.all(threads.map((thread) => thread.terminate()));
  await sink.close();
  rmSync(folder, { recursive: true, force: true });
});

const destinations = (): Destinations => {
  const to = (path: string) => ({ url: `${sink.url}${path}`, headers: {}, timeoutMs: 5000, gzip: false, tls: {} });
  return { traces: to('/v1/traces'), logs: to('/v1/logs'), metrics: to('/v1/metrics') };
};
const open = (startWorker: (settings: SpoolSettings) => Worker = startSpoolWorker): Handover =>
  startHandover({
    config: { isOn: true, folder, maxBytes: 2 ** 24, maxAgeMs: 3_600_000 },
    userAgent: 'test/1',
    destinations: Promise.resolve(destinations()),
    startWorker(settings) {
      const thread = startWorker(settings);
      threads.push(thread);
      return thread;
    },
    warn: (text) => warnings.push(text),
  });
/** As the JSON serialiser writes it; its span has this id. */
const batch = (spanId: string, bytes = 0): Batch => ({
  items: 1,
  protobuf: false,
  traceIds: [],
  body: Buffer.from(`{"resourceSpans":[{"spanId":"${spanId}","fill":"${'.'.repeat(bytes)}"}]}`),
});
const never = () => {
  throw new Error('it was put back');
};

test('a thread that ends is started again, and nothing of what it had or was on its way to it is lost or sent twice', async () => {
  const handover = open();
  handover.push('traces', batch('a1'), never);
  handover.settle(5000);
  const [first] = threads;
  const ended = new Promise((resolve) => first?.once('exit', resolve));
  void first?.terminate();
  handover.push('traces', batch('b2'), never);
  await ended;
  handover.push('traces', batch('c3'), never);
  handover.settle(5000);
  sink.requests.length = 0;
  sink.mode = { kind: 'ok' };
  await handover.drain('traces', 20_000);
  await sink.until(() => sink.spanIds.size === 3);
  expect(warnings.some((text) => text.includes('started again'))).toBe(true);
  expect(threads).toHaveLength(2);
  expect(handover.counters.get('traces.stored')).toBe(3);
  expect(handover.counters.get('traces.delivered')).toBe(3);
});

test('a thread that cannot be had is given up, what was on its way goes another way', async () => {
  const handover = open(() => new Worker('throw new Error("no thread")', { eval: true }));
  const { promise, resolve } = Promise.withResolvers<void>();
  expect(handover.push('traces', batch('a1'), resolve)).toBe(true);
  await promise;
  expect(handover.isGivenUp()).toBe(true);
  expect(threads).toHaveLength(4);
  expect(warnings.at(-1)).toMatch(/given up, exports go straight to the receiver: Error: no thread/);
  expect(handover.push('traces', batch('b2'), never)).toBe(false);
  await handover.drain('traces', 1000);
});

test('where a process may have no threads, the spool is given up at once and told once, and the process goes on', async () => {
  const handover = startHandover({
    config: { isOn: true, folder, maxBytes: 2 ** 24, maxAgeMs: 3_600_000 },
    userAgent: 'test/1',
    // An unhandled rejection would end the process.
    destinations: Promise.reject(new Error('no such certificate')),
    startWorker() {
      throw new Error('Use --allow-worker to manage permissions.');
    },
    warn: (text) => warnings.push(text),
  });
  expect(handover.isGivenUp()).toBe(true);
  expect(warnings).toEqual([
    'it is given up, exports go straight to the receiver: Error: Use --allow-worker to manage permissions.',
  ]);
  expect(handover.push('traces', batch('a1'), never)).toBe(false);
  await handover.drain('traces', 1000);
  handover.settle(1000);
});

test('a thread that is stuck is given no more than so much, and holds nobody up', () => {
  const handover = open(() => new Worker('setInterval(() => {}, 1000)', { eval: true }));
  const taken = Array.from({ length: 40 }, () => handover.push('traces', batch('a1', 2 ** 20), () => undefined));
  expect(taken.filter((isTaken) => isTaken)).toHaveLength(31);
  handover.settle(10);
});

test('the thread imports nothing but builtins and its own files', () => {
  const room = join(import.meta.dirname, '../../../otel/src/spool/worker');
  const imported = readdirSync(room).flatMap((name) =>
    [...readFileSync(join(room, name), 'utf8').matchAll(/ from '([^']+)'/g)].map(([, from]) => from ?? ''),
  );
  expect(imported.length).toBeGreaterThan(20);
  expect(imported.filter((from) => !from.startsWith('node:') && !from.startsWith('./'))).toEqual([]);
});
