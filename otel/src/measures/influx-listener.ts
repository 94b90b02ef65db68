import type { Problems } from '../logs/problems.ts';
import type { InfluxConfig } from './config.ts';
import { BATCH_LINES, isRefusal, openInfluxClient } from './influx-client.ts';
import type { Measure, MeasureListener } from './measure.ts';

const FLUSH_MS = 1000;
/** What waits at most while the server is away; the oldest goes first. */
const MAX_LINES = 10_000;
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
  const client = openInfluxClient(options, options.service);
  const flushMs = options.flushMs ?? FLUSH_MS;
  const queue = createQueue(problems);
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  let failures = 0;
  let isClosed = false;

  const send = (): Promise<void> => {
    sending ??= queue.send(client.write).then((isGone) => {
      failures = isGone ? 0 : failures + 1;
      sending = undefined;
      // A whole batch that waits has waited long enough.
      if (queue.size > 0) schedule(isGone && queue.size >= BATCH_LINES ? 0 : waitMs());
    });
    return sending;
  };
  const waitMs = () => Math.min(flushMs * 2 ** failures, Math.max(flushMs, LONGEST_WAIT_MS));
  const schedule = (afterMs: number) => {
    if (timer || isClosed) return;
    timer = setTimeout(() => {
      timer = undefined;
      void send();
    }, afterMs).unref();
  };
  const drain = async () => {
    await sending;
    failures = 0;
    while (queue.size > 0 && failures === 0) await send();
  };
  return {
    listener(measure) {
      if (isClosed) return;
      queue.add(measure);
      if (!sending) schedule(waitMs());
    },
    async close(deadlineMs) {
      isClosed = true;
      clearTimeout(timer);
      const { promise: deadline, resolve } = Promise.withResolvers<void>();
      const patience = setTimeout(resolve, deadlineMs);
      await Promise.race([drain(), deadline]);
      clearTimeout(patience);
      queue.giveUp();
      client.disconnect();
    },
  };
}

/** Measures that wait, and the batch that is under way. */
function createQueue(problems: Problems) {
  let waiting: Measure[] = [];
  let underway: readonly Measure[] = [];
  let isOver = false;
  const leaveOut = (measures: readonly Measure[]) => {
    for (const _ of measures) problems.report('influx_left_out');
  };
  return {
    get size() {
      return waiting.length;
    },
    add(measure: Measure): void {
      if (waiting.length >= MAX_LINES) leaveOut(waiting.splice(0, 1));
      waiting.push(measure);
    },
    /** False: it was in vain, and the batch waits again. */
    async send(write: (batch: readonly Measure[]) => Promise<void>): Promise<boolean> {
      const batch = waiting.splice(0, BATCH_LINES);
      underway = batch;
      try {
        await write(batch);
        return true;
      } catch (error) {
        if (isOver) return false;
        const isRefused = isRefusal(error);
        if (!isRefused) {
          problems.report('influx_failed', undefined, error);
          waiting = [...batch, ...waiting];
          leaveOut(waiting.splice(0, Math.max(0, waiting.length - MAX_LINES)));
        } else for (const _ of batch) problems.report('influx_refused', undefined, error);
        return isRefused;
      } finally {
        underway = [];
      }
    },
    /** What a request says from now on comes too late. */
    giveUp(): void {
      isOver = true;
      leaveOut([...waiting.splice(0), ...underway]);
    },
  };
}
