import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { checkOptions, type OptionRule } from '../check-options.ts';
import { type OtlpLogs, type OtlpMetrics, type OtlpTraces, readLogs, readMetrics, readSpans } from './read-otlp.ts';
import type { SeenLog, SeenMetric, SeenSpan, SeenTelemetry } from './seen.ts';

/** A receiver for OTLP over HTTP (JSON, gzip allowed), to see what a bot in a process of its own really exports. */
export type TestReceiver = SeenTelemetry & {
  /** Base address, for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /**
   * The variables that send a bot's telemetry here, the announcements of started spans included; without the spool, so that
   * nothing comes that an earlier process in the same folder could not deliver.
   */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Resolves when `isThere` says so of what has arrived; it is asked again at each arrival. One that throws says not yet.
   * @throws Error after `timeoutMs` (default 10 000), with `what`, what had arrived, and what `isThere` threw last
   */
  waitFor(what: string, isThere: () => unknown, timeoutMs?: number): Promise<void>;
};

const OPTIONS: Readonly<Record<'port', OptionRule>> = {
  port: {
    isRight: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65_536,
    expected: 'a port number, 0 for any free one',
  },
};

/**
 * Opens a receiver on loopback. Anything but OTLP/JSON is answered with 415 and a sentence.
 * @throws TypeError when an option is wrong, Error when the port is taken
 */
export async function startTestReceiver(options: { readonly port?: number } = {}): Promise<TestReceiver> {
  checkOptions('startTestReceiver', options, OPTIONS);
  const seen = createSeen();
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    // What is JSON and no OTLP is found out when it is taken.
    readBody(request)
      .then((body) => seen.take(request.url ?? '', body))
      .then(
        (taken) => answer(200, taken),
        (error: Error) => answer(415, { message: error.message }),
      );
  }).listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...seen.telemetry,
    url,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      CALLSPAN_LIVE_ENDPOINT: `${url}/v1/pending`,
      CALLSPAN_SPOOL: 'off',
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const type = request.headers['content-type'] ?? '';
  if (!type.includes('json')) throw new Error(`this receiver reads OTLP/JSON, not ${type || 'a body without a type'}`);
  const body = Buffer.concat(chunks);
  const told: unknown = JSON.parse(
    (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString('utf8'),
  );
  if (typeof told !== 'object' || told === null) throw new Error('this receiver reads OTLP/JSON, which is an object');
  return told;
}

type Waiter = { readonly look: () => void };

function createSeen() {
  const ended = new Map<string, SeenSpan>();
  const open = new Map<string, SeenSpan>();
  const logs: SeenLog[] = [];
  const metrics = new Map<string, SeenMetric>();
  const waiters = new Set<Waiter>();
  const take = (path: string, body: unknown): object => {
    for (const { ended: isOver, ...span } of readSpans(body as OtlpTraces)) {
      const key = `${span.traceId} ${span.spanId}`;
      if (isOver) ended.set(key, span);
      if (isOver) open.delete(key);
      // An announcement may be overtaken by the span itself.
      else if (!ended.has(key)) open.set(key, span);
    }
    if (path.startsWith('/v1/logs')) logs.push(...readLogs(body as OtlpLogs));
    for (const metric of readMetrics(body as OtlpMetrics)) metrics.set(metric.name, metric);
    for (const waiter of waiters) waiter.look();
    return {};
  };
  const telemetry = {
    spans: () => [...ended.values()],
    openSpans: () => [...open.values()],
    logs: () => logs,
    metrics: async () => [...metrics.values()],
    reset() {
      for (const kept of [ended, open, metrics]) kept.clear();
      logs.length = 0;
    },
    waitFor: (what: string, isThere: () => unknown, timeoutMs = 10_000) =>
      new Promise<void>((resolve, reject) => {
        const done = (error?: Error) => {
          waiters.delete(waiter);
          clearTimeout(timer);
          if (error) reject(error);
          else resolve();
        };
        let reason = '';
        const look = () => {
          try {
            reason = '';
            if (isThere()) done();
          } catch (error) {
            // `findCall` throws while there is no call: not yet.
            reason = `; at last: ${error instanceof Error ? error.message : String(error)}`;
          }
        };
        const waiter = { look };
        const names = () => [...new Set([...ended.values()].map(({ name }) => name))].join(', ') || 'none';
        const tooLate = () =>
          new Error(`${what} did not come within ${timeoutMs} ms; spans that arrived: ${names()}${reason}`);
        const timer = setTimeout(() => done(tooLate()), timeoutMs);
        waiters.add(waiter);
        look();
      }),
  };
  return { take, telemetry };
}
