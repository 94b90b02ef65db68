import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { createRequire } from 'node:module';
import type { HttpError, WriteApi } from '@influxdata/influxdb-client';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Problems } from '../logs/problems.ts';
import type { InfluxConfig } from './config.ts';
import { pointOf } from './influx-lines.ts';
import type { MeasureListener } from './measure.ts';

// An optional package of CommonJS: loaded only where InfluxDB is used.
const load = createRequire(import.meta.url);

const FLUSH_MS = 1000;
const BATCH_LINES = 500;
/** What waits at most while the server is away; the oldest goes first. */
const MAX_LINES = 10_000;
const REQUEST_TIMEOUT_MS = 5000;
const LONGEST_WAIT_MS = 60_000;

/** Measures on their way to InfluxDB. */
export type InfluxListener = {
  readonly listener: MeasureListener;
  /** Sends what waits, for at most `deadlineMs`, and lets go of the connection. Never rejects. */
  close(deadlineMs: number): Promise<void>;
};

/** Where, for whom, and how often (milliseconds, for tests). */
export type InfluxOptions = InfluxConfig & { readonly service: string; readonly flushMs?: number };

/**
 * Writes measures to InfluxDB 2 (or 3, by its v2 API) with the official client, in batches. A server that is away is
 * tried again later and later, up to a minute (`influx_failed`); what it refuses, and what no longer fits into the 10,000
 * lines that may wait, is left out (`influx_refused`, `influx_left_out`).
 * @throws Error when the optional package `@influxdata/influxdb-client` is not installed
 */
export function openInfluxListener(options: InfluxOptions, problems: Problems): InfluxListener {
  const { service, flushMs = FLUSH_MS } = options;
  const { InfluxDB, Point } = loadClient();
  const agent = new (options.url.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true });
  const api = openApi(InfluxDB, options, agent);
  let waiting: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<boolean> | undefined;
  let failures = 0;
  let isClosed = false;

  const leaveOut = (lines: number) => {
    for (let line = 0; line < lines; line += 1) problems.report('influx_left_out');
  };
  /** False: it was in vain, and the batch waits again. */
  const sendBatch = async (): Promise<boolean> => {
    const batch = waiting.splice(0, BATCH_LINES);
    try {
      api.writeRecords(batch);
      await api.flush();
      failures = 0;
      return true;
    } catch (error) {
      // A request that timed out still holds its connection.
      agent.destroy();
      if (isRefusal(error)) {
        for (const _ of batch) problems.report('influx_refused', undefined, error);
        return true;
      }
      failures += 1;
      problems.report('influx_failed', undefined, error);
      waiting = [...batch, ...waiting];
      leaveOut(waiting.splice(0, waiting.length - MAX_LINES).length);
      return false;
    }
  };
  const send = (): Promise<boolean> => {
    sending ??= context.with(suppressTracing(ROOT_CONTEXT), sendBatch).finally(() => {
      sending = undefined;
      if (waiting.length > 0) schedule();
    });
    return sending;
  };
  const schedule = () => {
    if (timer || isClosed) return;
    const waitMs = failures === 0 ? flushMs : Math.min(flushMs * 2 ** failures, LONGEST_WAIT_MS);
    timer = setTimeout(() => {
      timer = undefined;
      void send();
    }, waitMs).unref();
  };
  const drain = async () => {
    if (sending) await sending;
    while (waiting.length > 0 && (await send()));
  };
  return {
    listener(measure) {
      const line = isClosed ? undefined : pointOf(Point, measure, service).toLineProtocol();
      if (!line) return;
      if (waiting.length >= MAX_LINES) {
        waiting.shift();
        leaveOut(1);
      }
      waiting.push(line);
      if (!sending) schedule();
    },
    async close(deadlineMs) {
      isClosed = true;
      clearTimeout(timer);
      const { promise: deadline, resolve } = Promise.withResolvers<void>();
      const patience = setTimeout(resolve, deadlineMs);
      await Promise.race([drain(), deadline]);
      clearTimeout(patience);
      leaveOut(waiting.splice(0).length);
      api.dispose();
      agent.destroy();
    },
  };
}

type Client = typeof import('@influxdata/influxdb-client');

function loadClient(): Client {
  try {
    return load('@influxdata/influxdb-client') as Client;
  } catch (cause) {
    throw new Error(
      'INFLUXDB_URL is set, but @influxdata/influxdb-client is not installed: npm install @influxdata/influxdb-client',
      { cause },
    );
  }
}

function openApi(
  InfluxDB: Client['InfluxDB'],
  { url, token, org, bucket }: InfluxConfig,
  agent: HttpAgent | HttpsAgent,
): WriteApi {
  return new InfluxDB({ url, token, timeout: REQUEST_TIMEOUT_MS, transportOptions: { agent } }).getWriteApi(
    org,
    bucket,
    'ms',
    {
      // Batches, waits and tries are ours: its timers would keep the process alive, its log is the console.
      batchSize: BATCH_LINES + 1,
      flushInterval: 0,
      maxRetries: 0,
      writeFailed: (error) => Promise.reject(error),
    },
  );
}

/** The server says that the same lines will never be taken. */
function isRefusal(error: unknown): boolean {
  const { statusCode } = (error ?? {}) as Partial<HttpError>;
  return statusCode !== undefined && statusCode >= 400 && statusCode < 500 && statusCode !== 429 && statusCode !== 408;
}
