import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { createRequire } from 'node:module';
import type { IMetricReader, MetricReader, PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { warnQuietly } from '../quiet-warning.ts';
import type { TelemetryConfig } from '../sdk/config.ts';
import type { MetricsConfig } from './config.ts';
import { checkScrapeHost, createScrapeHandler, readMetricsToken } from './scrape.ts';
import { CARDINALITY_LIMIT } from './views.ts';

// CommonJS for the same reason as in sdk/start.ts.
const load = createRequire(import.meta.url);

type Scrape = { readonly handler: RequestListener; closeOwn(): Promise<void> };
let scrape: Scrape | undefined;

/**
 * The ways by which metrics leave: pushed with the other signals, scraped, or both. Both read the same figures: one
 * reader serves the exporter and the scrape, so nothing is aggregated twice.
 * @throws Error naming the variable when the listener for scrapes is off loopback without a token
 */
export function createMetricReaders({ metrics }: TelemetryConfig, exporter: PushMetricExporter): IMetricReader[] {
  const readers: MetricReader[] = [];
  if (metrics.isPushed) readers.push(createPushReader(metrics, exporter));
  // Sums since the last export are no figures for a scrape: it gets a reader of its own then.
  const isOwnReaderNeeded = metrics.isServed && (!metrics.isPushed || metrics.isDelta);
  if (isOwnReaderNeeded) readers.push(createPullReader());
  const reader = isOwnReaderNeeded || !metrics.isDelta ? readers.at(-1) : undefined;
  scrape = reader && openScrape(reader, metrics);
  return readers;
}

/**
 * The answer to `GET /metrics`, for a listener of one's own; undefined when metrics are off (`OTEL_METRICS_EXPORTER=none`,
 * `OTEL_SDK_DISABLED=true`) or cannot be scraped (delta temporality). The kit's own listener, open when
 * `OTEL_METRICS_EXPORTER` has `prometheus`, closes: its port is free when this resolves. Requests are answered on
 * loopback, elsewhere with the token of `CALLSPAN_METRICS_TOKEN_FILE` only.
 */
export async function mountMetrics(): Promise<RequestListener | undefined> {
  await scrape?.closeOwn();
  return scrape?.handler;
}

function createPushReader(metrics: MetricsConfig, exporter: PushMetricExporter): MetricReader {
  const { PeriodicExportingMetricReader } = load(
    '@opentelemetry/sdk-metrics',
  ) as typeof import('@opentelemetry/sdk-metrics');
  return new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: metrics.intervalMs,
    exportTimeoutMillis: metrics.timeoutMs,
    cardinalityLimits: { default: CARDINALITY_LIMIT },
  });
}

function createPullReader(): MetricReader {
  const { PrometheusExporter } = load(
    '@opentelemetry/exporter-prometheus',
  ) as typeof import('@opentelemetry/exporter-prometheus');
  const reader = new PrometheusExporter({ preventServerStart: true });
  // It takes no limit as an option, and its default is ten times ours.
  reader.selectCardinalityLimit = () => CARDINALITY_LIMIT;
  return reader;
}

function openScrape(reader: MetricReader, metrics: MetricsConfig): Scrape {
  const token = readMetricsToken(metrics.tokenFile);
  const handler = createScrapeHandler(reader, token);
  if (!metrics.isServed) return { handler, closeOwn: async () => undefined };
  checkScrapeHost(metrics.host, token);
  return { handler, closeOwn: serve(handler, metrics) };
}

function serve(handler: RequestListener, { host, port }: MetricsConfig): () => Promise<void> {
  // Required here, not imported above: an ES import of node:http before the instrumentation doubles its client spans.
  const { createServer } = load('node:http') as typeof import('node:http');
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path === '/metrics') handler(request, response);
    else response.writeHead(404).end();
  });
  server.unref();
  // A port that is taken costs the scrape, never the bot.
  server.on('error', (error) =>
    warnQuietly(`metrics are not served (${error.message}): set OTEL_EXPORTER_PROMETHEUS_PORT to a free port`),
  );
  const opened = once(server, 'listening').catch(() => undefined);
  server.listen(port, host);
  return async () => {
    await opened;
    await close(server);
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
}
