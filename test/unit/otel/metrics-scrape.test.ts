import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { createScrapeHandler } from '../../../otel/src/metrics/scrape.ts';

const reader = new PrometheusExporter({ preventServerStart: true });
const provider = new MeterProvider({ readers: [reader] });
let url = '';
let collections = 0;
const watched = {
  collect: () => {
    collections += 1;
    return reader.collect();
  },
};
const server = createServer(createScrapeHandler(watched));
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await provider.shutdown();
});

/** The status of a request that came to an address off loopback, with the token `t`. */
function ask(handler: RequestListener): Promise<number> {
  return new Promise((resolve) => {
    const request = { method: 'GET', headers: { authorization: 'Bearer t' }, socket: { localAddress: '10.0.0.5' } };
    const response = { setHeader() {}, writeHead: (status: number) => ({ end: () => resolve(status) }) };
    handler(request as unknown as IncomingMessage, response as unknown as Parameters<RequestListener>[1]);
  });
}

test('a metric that two instrumentations record is one family, told apart by who recorded it', async () => {
  for (const scope of ['one', 'between', 'other']) {
    const name = scope === 'between' ? 'another' : 'asked';
    provider.getMeter(scope).createCounter(name).add(1, { at: 'host' });
  }
  const lines = (await (await fetch(url)).text()).split('\n').filter((line) => /asked/.test(line));
  expect(lines.map((line) => line.replace(/,otel_scope_version="[^"]*"/, ''))).toEqual([
    '# HELP asked_total description missing',
    '# TYPE asked_total counter',
    'asked_total{at="host",otel_scope_name="one"} 1',
    'asked_total{at="host",otel_scope_name="other"} 1',
  ]);
});

test('scrapes that come together share one collection', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const held = { collect: () => released.then(watched.collect) };
  collections = 0;
  const handler = createScrapeHandler(held, 't');
  const asked = [ask(handler), ask(handler), ask(handler)];
  release();
  expect(await Promise.all(asked)).toEqual([200, 200, 200]);
  expect(collections).toBe(1);
  expect(await ask(handler)).toBe(200);
  expect(collections).toBe(2);
});

test('a request that is not for reading is refused', async () => {
  const response = await fetch(url, { method: 'POST' });
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('without a token a request that came to an address off loopback is refused, with one it is not', async () => {
  expect(await ask(createScrapeHandler(watched))).toBe(403);
  expect(await ask(createScrapeHandler(watched, 't'))).toBe(200);
});
