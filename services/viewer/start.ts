import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type Clock, createClock } from '../line/clock.ts';
import { createViewerApp } from './adapters/http/app.ts';
import { createLiveRoute } from './adapters/http/live-route.ts';
import { createReceiver } from './adapters/otlp/receiver.ts';
import { createTelemetryStore } from './adapters/sqlite/store.ts';
import { parseTraceQuery } from './adapters/traceql/parse.ts';
import { createAdmission } from './admit.ts';
import type { ListenerConfig, ViewerConfig } from './config.ts';
import { createIngest } from './domain/ingest.ts';
import { keepWithin } from './domain/keep-within.ts';
import { createLiveFeed } from './domain/live-feed.ts';
import type { Changes } from './domain/ports.ts';
import { watchCalls } from './domain/watch-calls.ts';
import { createViewerLog, type ViewerLog } from './log.ts';

/** How long (milliseconds) open requests may go on after close() was called. */
const CLOSE_GRACE_MS = 500;
/** A client that does not send its request within this many milliseconds is dropped. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Replaceable parts; each has the real one as default. */
export type ViewerDeps = {
  readonly clock?: Clock;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly log?: ViewerLog;
  readonly pageFolder?: string;
};

/** The running viewer: base addresses of page and APIs, and of the OTLP receiver. */
export type RunningViewer = { readonly url: string; readonly otlpUrl: string; close(): Promise<void> };

/**
 * Opens the store, the OTLP receiver and the server of page and APIs.
 * @throws Error when a port is in use (`EADDRINUSE`, with `port`) or the store cannot be opened; nothing stays open then
 */
export async function startViewer(config: ViewerConfig, deps: ViewerDeps = {}): Promise<RunningViewer> {
  const { clock = createClock(), now = Date.now, log = createViewerLog() } = deps;
  const onError = (error: unknown) => log.error('the viewer failed at a task', error);
  const store = createTelemetryStore({ file: config.storeFile, now });
  // Higher than the numbers of any earlier run, as long as fewer than a thousand events a second were sent.
  const feed = createLiveFeed({ clock, firstId: now() });
  const watch = watchCalls({ store, clock, now, onChanges: feed.publish, onError });
  const onChanges = (changes: Changes) => {
    feed.publish(changes);
    watch.look();
  };
  const stopRetention = keepWithin({ store, clock, now, preset: config.retention, onError });
  const live = createLiveRoute(feed, clock);
  // Telemetry's first: the order in which they are opened.
  const servers: Server[] = [];
  const app = createViewerApp({
    store,
    parseQuery: parseTraceQuery,
    onError,
    live: live.handle,
    admit: createAdmission(config.operations.token, 'CALLSPAN_OPERATIONS_TOKEN'),
    receiverPort: () => portOf(config.telemetry, servers[0]),
    pageFolder: deps.pageFolder ?? fileURLToPath(new URL('./page/dist', import.meta.url)),
  });
  const receiver = createReceiver({
    sink: createIngest({ store, onChanges, onError }),
    admit: createAdmission(config.telemetry.token, 'CALLSPAN_TELEMETRY_TOKEN'),
    onError,
  });
  const close = async () => {
    stopRetention();
    watch.close();
    live.close();
    feed.close();
    await Promise.all(servers.map(closeServer));
    store.close();
  };
  try {
    for (const [listener, handle] of [[config.telemetry, receiver] as const, [config.operations, app] as const]) {
      servers.push(await listen(listener, handle));
    }
  } catch (cause) {
    await close();
    throw cause;
  }
  const [telemetry, operations] = servers;
  return { url: toUrl(config.operations, operations), otlpUrl: toUrl(config.telemetry, telemetry), close };
}

async function listen({ host, port }: ListenerConfig, handle: RequestListener): Promise<Server> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 5000 }, handle);
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  server.once('error', reject);
  server.listen(port, host, () => {
    server.off('error', reject);
    resolve(server);
  });
  return promise;
}

function portOf({ port: asked }: ListenerConfig, server: Server | undefined): number {
  return (server?.address() as AddressInfo | null | undefined)?.port ?? asked;
}

function toUrl(listener: ListenerConfig, server: Server | undefined): string {
  const { host } = listener;
  return `http://${host.includes(':') ? `[${host}]` : host}:${portOf(listener, server)}`;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
