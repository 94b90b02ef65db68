import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger, type Logger, runForCall } from 'callspan';
import { LogEvent, QUIET_PATHS } from 'callspan/conventions';
import { createRecordsApp } from './adapters/http/app.ts';
import type { ServedRequest } from './adapters/http/request-log.ts';
import { createPostgresStore } from './adapters/postgres/store.ts';
import { createSqliteStore } from './adapters/sqlite/store.ts';
import type { RecordsConfig } from './config.ts';
import type { RecordStore } from './domain/ports.ts';
import { createSaveRecord, type Identity } from './domain/save-record.ts';
import { nameCallsOfStore, traceRecordStore } from './trace-store.ts';

/** How long (milliseconds) open requests may go on after close() was called. */
const CLOSE_GRACE_MS = 1000;
/** A client that does not send its request within this many milliseconds is dropped. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Replaceable parts; each has the real one as default. */
export type RecordsDeps = Partial<Identity> & {
  readonly logger?: Logger;
  /** Wraps the store that the configuration asks for. */
  readonly wrapStore?: (store: RecordStore) => RecordStore;
};

/** The running service. */
export type RunningRecords = {
  /** Base address, such as `http://127.0.0.1:3001`. */
  readonly url: string;
  /** Which database holds the records. */
  readonly database: 'postgres' | 'sqlite';
  close(): Promise<void>;
};

/**
 * Opens the database, makes its schema where needed, and serves the API.
 * @throws Error when the port is in use (`EADDRINUSE`) or the database cannot be opened; nothing stays open then.
 */
export async function startRecords(config: RecordsConfig, deps: RecordsDeps = {}): Promise<RunningRecords> {
  const logger = deps.logger ?? createLogger({ context: 'Records' });
  const opened = nameCallsOfStore(await openStore(config, logger));
  const store = deps.wrapStore?.(opened) ?? opened;
  const identity = { newId: deps.newId ?? randomUUID, now: deps.now ?? (() => new Date()) };
  const app = createRecordsApp({
    store,
    saveRecord: createSaveRecord(store, identity),
    onServed: (served) => logServed(logger, served),
    runForCall,
    quietPaths: QUIET_PATHS,
    token: config.token,
  });
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1000 }, app);
  try {
    await listen(server, config);
  } catch (cause) {
    await store.close();
    throw cause;
  }
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`,
    database: config.databaseUrl === undefined ? 'sqlite' : 'postgres',
    async close() {
      await closeServer(server);
      await store.close();
    },
  };
}

async function openStore(config: RecordsConfig, logger: Logger): Promise<RecordStore> {
  if (config.databaseUrl === undefined) {
    return traceRecordStore(createSqliteStore({ file: config.sqliteFile }), 'sqlite');
  }
  const onIdleError = (error: Error) => logger.warn('lost a connection to the database', { error });
  return createPostgresStore({ url: config.databaseUrl, onIdleError });
}

function logServed(logger: Logger, { method, route, status, durationMs, errorCode, cause }: ServedRequest): void {
  const fields = { event: LogEvent.httpRequest, method, route, status, durationMs, ...(errorCode && { errorCode }) };
  const message = `${method} ${route} ${status}`;
  if (status >= 500) logger.error(message, { ...fields, error: cause });
  else if (status >= 400) logger.warn(message, fields);
  else logger.info(message, fields);
}

function listen(server: Server, { host, port }: RecordsConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
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
