import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express, { type Response } from 'express';
import type { LiveEvent } from '../../services/viewer/api/types.ts';
import { pageDistFolder } from '../../services/viewer/page/build.ts';
import { cutCall, type SampleCall } from './sample-call.ts';
import { toTempoJson } from './tempo-json.ts';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What the page is served with in a test: recorded answers, and a live stream that the test writes. */
export type PageServer = {
  readonly url: string;
  /** The calls that are answered with; a test may change them. */
  readonly calls: Map<string, SampleCall>;
  /** When set, every data request fails with this status. */
  failWith: number | null;
  send(event: LiveEvent): void;
  /** How many pages listen to the live stream. */
  listeners(): number;
  /** Breaks every live stream, and refuses new ones until `acceptStreams`. */
  breakStreams(): void;
  acceptStreams(): void;
  close(): Promise<void>;
};

/** Serves the built page on a free loopback port, with the content security policy that the viewer sends. */
export async function startPageServer(): Promise<PageServer> {
  const app = express();
  const streams = new Set<Response>();
  const calls = new Map<string, SampleCall>();
  let takesStreams = true;
  let sequence = 0;
  app.use((_request, response, next) => {
    response.setHeader('content-security-policy', POLICY);
    next();
  });
  app.get('/api/v1/live', (request, response) => {
    if (!takesStreams) return void response.status(503).end();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': hello\n\n');
    streams.add(response);
    request.on('close', () => streams.delete(response));
  });
  app.use(['/api', '/tempo'], (_request, response, next) => {
    if (server.failWith === null) return next();
    response.status(server.failWith).json({ error: { code: 'internal', message: 'the store is closed' } });
  });
  app.get('/api/v1/calls', (request, response) => {
    const before = Number(request.query.before ?? Number.POSITIVE_INFINITY);
    const newest = [...calls.values()].map(({ summary }) => summary).sort((a, b) => b.startedAtMs - a.startedAtMs);
    const page = newest.filter(({ startedAtMs }) => startedAtMs < before).slice(0, 50);
    const hasMore = newest.filter(({ startedAtMs }) => startedAtMs < before).length > page.length;
    response.json({ calls: page, nextBefore: hasMore ? (page.at(-1)?.startedAtMs ?? null) : null });
  });
  app.get('/api/v1/receiver', (_request, response) => void response.json({ port: 14318 }));
  app.get('/api/v1/calls/:callSid', (request, response) => {
    const call = calls.get(request.params.callSid);
    if (!call) return void response.status(404).json({ error: { code: 'not_found', message: 'no such call' } });
    response.json(call.detail);
  });
  app.get('/tempo/api/v2/traces/:traceId', (request, response) => {
    const call = [...calls.values()].find(({ summary }) => summary.traceId === request.params.traceId);
    response.json(call ? toTempoJson(call.spans) : { trace: {}, metrics: {} });
  });
  app.use(express.static(pageDistFolder, { index: false }));
  app.get('/{*path}', (_request, response) => response.sendFile('index.html', { root: pageDistFolder }));
  const http = app.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server: PageServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    calls,
    failWith: null,
    send({ event, data }) {
      sequence += 1;
      for (const stream of streams) stream.write(`id: ${sequence}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    listeners: () => streams.size,
    breakStreams() {
      takesStreams = false;
      for (const stream of streams) stream.destroy();
    },
    acceptStreams() {
      takesStreams = true;
    },
    async close() {
      for (const stream of streams) stream.destroy();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

/** Puts a call as it stands at a moment into the answers, and tells it to whoever listens. @param atMs epoch milliseconds */
export function showCallAt(server: PageServer, call: SampleCall, atMs: number): void {
  const isOver = atMs >= call.summary.startedAtMs + (call.summary.durationMs ?? 0) + 1000;
  const now = isOver ? call : cutCall(call, atMs);
  server.calls.set(now.summary.callSid, now);
  const { traceId, callSid } = now.summary;
  server.send({ event: 'call', data: now.summary });
  server.send({ event: 'trace', data: { traceId, callSid, spans: [...now.spans, ...now.detail.pending] } });
  for (const line of now.detail.logs) server.send({ event: 'log', data: { traceId, line } });
}
