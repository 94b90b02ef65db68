import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createRequire } from 'node:module';
import type { HttpError } from '@influxdata/influxdb-client';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { InfluxConfig } from './config.ts';
import { pointOf } from './influx-lines.ts';
import type { Measure } from './measure.ts';

// An optional package of CommonJS: loaded only where InfluxDB is used.
const load = createRequire(import.meta.url);

const REQUEST_TIMEOUT_MS = 5000;
/** Measures of one request: making their lines takes about a millisecond. */
export const BATCH_LINES = 250;

/** The official client, as far as it is needed: one request at a time, no timers and no log of its own. */
export type InfluxClient = {
  /** Writes at most `BATCH_LINES` measures; rejects with what went wrong. Traces nothing of it. */
  write(batch: readonly Measure[]): Promise<void>;
  /** Lets go of every connection. */
  disconnect(): void;
};

/** @throws Error when the optional package `@influxdata/influxdb-client` is not installed */
export function openInfluxClient({ url, token, org, bucket }: InfluxConfig, service: string): InfluxClient {
  const { InfluxDB, Point } = loadPackage();
  const agent = new (url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true });
  const database = new InfluxDB({ url, token, timeout: REQUEST_TIMEOUT_MS, transportOptions: { agent } });
  const api = database.getWriteApi(org, bucket, 'ms', {
    // Its timers would keep the process alive, its log is the console: batches, waits and tries are ours.
    batchSize: BATCH_LINES + 1,
    flushInterval: 0,
    maxRetries: 0,
    writeFailed: (error) => Promise.reject(error),
  });
  return {
    async write(batch) {
      api.writePoints(batch.map((measure) => pointOf(Point, measure, service)));
      try {
        await context.with(suppressTracing(ROOT_CONTEXT), () => api.flush());
      } catch (error) {
        // A request that timed out still holds its connection.
        agent.destroy();
        throw error;
      }
    },
    disconnect: () => agent.destroy(),
  };
}

/** The server says that the same lines will never be taken. */
export function isRefusal(error: unknown): boolean {
  const { statusCode } = (error ?? {}) as Partial<HttpError>;
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 && statusCode !== 429 && statusCode !== 408;
}

function loadPackage(): typeof import('@influxdata/influxdb-client') {
  try {
    return load('@influxdata/influxdb-client') as typeof import('@influxdata/influxdb-client');
  } catch (cause) {
    throw new Error(
      'INFLUXDB_URL is set, but @influxdata/influxdb-client is not installed: npm install @influxdata/influxdb-client',
      { cause },
    );
  }
}
