import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningCollector, startCollector } from './stage/collector.ts';
import { eventually } from './stage/engine.ts';
import { toLogs, toSpans } from './stage/otlp-json.ts';
import { OWN } from './stage/own-files.ts';
import { type SpanSink, startSpanSink } from './stage/span-sink.ts';

/** Several times what the queue to the viewer sends in one go, so that a viewer who held it up would be felt. */
const BATCHES = 150;
const RESOURCE = { 'service.name': 'bot' };

let folder: string;
let store: SpanSink;
let viewer: SpanSink;
let silent: Server;
let collector: RunningCollector | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callspan-viewer-'));
  [store, viewer] = await Promise.all([startSpanSink(), startSpanSink()]);
  // Takes a connection and never says a word.
  silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(silent, 'listening');
});
afterEach(async () => {
  await collector?.stop();
  silent.closeAllConnections();
  silent.close();
  store.close();
  viewer.close();
  rmSync(folder, { recursive: true });
});

const hex = (value: number, length: number) => value.toString(16).padStart(length, '0');

async function send(path: string, body: object): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const url = `${collector?.otlpUrl}${path}`;
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
}

/** The answers to so many requests of both signals; only other answers than 200. */
async function sendMany(): Promise<number[]> {
  const statuses: number[] = [];
  for (let batch = 1; batch <= BATCHES; batch += 1) {
    const spans = Array.from({ length: 20 }, (_, index) => {
      return { traceId: hex(batch, 32), spanId: hex(batch * 100 + index + 1, 16), name: 'work', attributes: {} };
    });
    statuses.push(await send('/v1/traces', toSpans(RESOURCE, spans)));
    statuses.push(await send('/v1/logs', toLogs(RESOURCE, [{ body: 'a line' }])));
  }
  return statuses.filter((status) => status !== 200);
}

const failed = async (what: string) => {
  const said = (await collector?.metrics()) ?? '';
  const lines = said.matchAll(new RegExp(`^otelcol_exporter_${what}_\\S*exporter="([^"]+)"\\S* ([1-9]\\d*)`, 'gm'));
  return [...new Set([...lines].map(([, exporter]) => exporter))];
};

test.each([
  ['is not there', () => 'http://127.0.0.1:9'],
  ['never answers', () => `http://127.0.0.1:${(silent.address() as AddressInfo).port}`],
])(
  'a viewer that %s holds nobody up: everything is taken once, and at its store',
  async (_, url) => {
    collector = await startCollector({ files: [OWN.collector], folder, store, viewer: { url: url() } });
    expect(await sendMany()).toEqual([]);
    await eventually('all spans are there', 20_000, () => store.spans.length >= BATCHES * 20);
    await eventually('all lines are there', 20_000, () => store.logs.length >= BATCHES);
    expect([store.spans.length, store.logs.length]).toEqual([BATCHES * 20, BATCHES]);
    await eventually('the viewer is given up', 20_000, async () => (await failed('send_failed')).length > 0);
    expect([await failed('send_failed'), await failed('enqueue_failed')]).toEqual([['otlp_http/viewer'], []]);
  },
  90_000,
);

test('a viewer that comes back is told from then on, a store that comes back is told everything', async () => {
  collector = await startCollector({ files: [OWN.collector], folder, store, viewer });
  await Promise.all([store.leave(), viewer.leave()]);
  expect(await sendMany()).toEqual([]);
  await eventually('the viewer is given up', 20_000, async () => (await failed('send_failed')).length > 0);
  await Promise.all([store.comeBack(), viewer.comeBack()]);
  const late = { traceId: hex(1, 32), spanId: hex(1, 16), name: 'late', attributes: {} };
  expect(await send('/v1/traces', toSpans(RESOURCE, [late]))).toBe(200);
  await eventually('the store has all', 30_000, () => store.spans.length === BATCHES * 20 + 1);
  await eventually('the viewer has the last', 30_000, () => viewer.spans.some(({ name }) => name === 'late'));
  expect(await failed('send_failed')).toEqual(['otlp_http/viewer']);
}, 90_000);
