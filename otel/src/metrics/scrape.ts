import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { IMetricReader } from '@opentelemetry/sdk-metrics';
import { warnQuietly } from '../quiet-warning.ts';

// CommonJS for the same reason as in sdk/start.ts.
const load = createRequire(import.meta.url);

/** Prometheus 3 asks for a type and version of the text format; the library says neither. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const TOKEN_VARIABLE = 'CALLSPAN_METRICS_TOKEN_FILE';

/**
 * Answers scrapes with what `reader` knows, in Prometheus' text format. With a token each request must bring it (401);
 * without one only requests to a loopback address are answered (403).
 */
export function createScrapeHandler(reader: Pick<IMetricReader, 'collect'>, token?: string): RequestListener {
  const { PrometheusSerializer } = load(
    '@opentelemetry/exporter-prometheus',
  ) as typeof import('@opentelemetry/exporter-prometheus');
  const serializer = new PrometheusSerializer();
  let collecting: Promise<string> | undefined;
  // Requests that come together share one collection: a scrape takes milliseconds of the thread that serves media.
  const collect = () => {
    collecting ??= reader
      .collect()
      .then(({ resourceMetrics, errors }) => {
        if (errors.length > 0) warnQuietly('some metrics could not be collected', errors.length);
        return serializer.serialize(resourceMetrics);
      })
      .finally(() => {
        collecting = undefined;
      });
    return collecting;
  };
  return (request, response) => {
    const refusal = findRefusal(request, token);
    if (refusal) return void refuse(response, refusal);
    collect().then(
      (text) => void response.writeHead(200, { 'content-type': CONTENT_TYPE }).end(text),
      (error: unknown) => {
        warnQuietly('metrics could not be collected', error);
        refuse(response, { status: 500, message: 'the metrics could not be collected' });
      },
    );
  };
}

/**
 * The token of the file that `CALLSPAN_METRICS_TOKEN_FILE` names.
 * @throws Error naming the variable when the file cannot be read or is empty
 */
export function readMetricsToken(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  let text = '';
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Error(`${TOKEN_VARIABLE} is "${file}"; expected a file that can be read`, { cause });
  }
  if (text === '') throw new Error(`${TOKEN_VARIABLE} is "${file}", which is empty; expected a file with a token`);
  return text;
}

/** @throws Error naming the variable when `host` is off loopback and there is no token */
export function checkScrapeHost(host: string, token: string | undefined): void {
  if (token !== undefined || isLoopback(host)) return;
  throw new Error(`OTEL_EXPORTER_PROMETHEUS_HOST is "${host}", off loopback; expected ${TOKEN_VARIABLE} to be set too`);
}

type Refusal = { readonly status: number; readonly message: string; readonly header?: readonly [string, string] };

function findRefusal({ method, headers, socket }: IncomingMessage, token: string | undefined): Refusal | undefined {
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, message: 'metrics are read with GET', header: ['allow', 'GET, HEAD'] };
  }
  if (token === undefined) {
    if (isLoopback(socket.localAddress ?? '')) return undefined;
    return { status: 403, message: `off loopback metrics need a token: set ${TOKEN_VARIABLE}` };
  }
  // Digests: of equal length whatever was sent.
  if (timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${token}`))) return undefined;
  return { status: 401, message: 'send the token as Authorization: Bearer', header: ['www-authenticate', 'Bearer'] };
}

function refuse(response: ServerResponse, { status, message, header }: Refusal): void {
  if (header) response.setHeader(...header);
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${message}\n`);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isLoopback(address: string): boolean {
  return /^(localhost|::1|\[::1\]|(::ffff:)?127\.\d+\.\d+\.\d+)$/i.test(address);
}
