import type { Clock } from '../../line/clock.ts';
import type { Delivery } from './ports.ts';

/** A record waiting on disk. Times are epoch milliseconds. */
export type WaitingRecord = {
  readonly id: string;
  readonly body: string;
  readonly traceparent: string | null;
  readonly attempts: number;
  readonly createdAtMs: number;
};

/** The disk side of the outbox. */
export type WaitingRecords = {
  add(record: {
    readonly id: string;
    readonly body: string;
    readonly traceparent: string | null;
    readonly createdAtMs: number;
  }): Promise<void>;
  lease(nowMs: number, leaseUntilMs: number, limit: number): Promise<WaitingRecord[]>;
  remove(id: string): Promise<void>;
  postpone(id: string, nextAtMs: number, error: string): Promise<void>;
  bury(id: string, error: string): Promise<void>;
};

/** How the records service answered. `refused`: it will never take this body. */
export type PostResult =
  | { readonly kind: 'saved' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'later'; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly kind: 'refused'; readonly reason: string };

/** Sends one record to the records service. Never rejects. */
export type PostRecord = (record: WaitingRecord) => Promise<PostResult>;

const LEASE_MS = 15_000;
const BATCH = 16;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 300_000;
/** A record that could not be delivered for so long is given up and shown to people. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

export type DelivererOptions = {
  readonly records: WaitingRecords;
  readonly post: PostRecord;
  readonly clock: Clock;
  /** Epoch milliseconds. */
  readonly wallClock: () => number;
  /** 0 to 1, for the jitter of retries. */
  readonly random: () => number;
  readonly onDead: (record: WaitingRecord, reason: string) => void;
};

/** Delivers what waits on disk: at once, after failures with growing pauses, and after a restart what was left. */
export type Deliverer = {
  /** Resolves with how the record's next attempt went. The record must be on disk. */
  deliverSoon(id: string): Promise<Delivery>;
  /** Attempts everything that is due. */
  run(): Promise<void>;
  close(): void;
};

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { records, post, clock, wallClock } = options;
  const watchers = new Map<string, PromiseWithResolvers<Delivery>>();
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let cancelTimer: (() => void) | undefined;

  const attempt = async (record: WaitingRecord) => {
    // A disk that fails after the answer came: the lease runs out and the record is tried again.
    const outcome = await settle(record, await post(record), options).catch(() => 'queued' as const);
    watchers.get(record.id)?.resolve({ outcome, attempts: record.attempts, ageMs: wallClock() - record.createdAtMs });
    watchers.delete(record.id);
  };

  const drain = async () => {
    do {
      again = false;
      const due = await records.lease(wallClock(), wallClock() + LEASE_MS, BATCH);
      // Not awaited: one slow answer must not hold up the others. The lease keeps each from being tried twice at once.
      for (const record of due) void attempt(record);
      if (due.length === BATCH) again = true;
    } while (again && !closed);
  };

  const run = (): Promise<void> => {
    again = true;
    running ??= drain()
      // A disk that fails now may work later: the timer asks again.
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
        cancelTimer?.();
        if (!closed) cancelTimer = clock.after(FIRST_RETRY_MS, () => void run(), { unref: true });
      });
    return running;
  };

  return {
    deliverSoon(id) {
      const watcher = Promise.withResolvers<Delivery>();
      watchers.set(id, watcher);
      void run();
      return watcher.promise;
    },
    run,
    close() {
      closed = true;
      cancelTimer?.();
    },
  };
}

async function settle(
  record: WaitingRecord,
  result: PostResult,
  options: DelivererOptions,
): Promise<Delivery['outcome']> {
  const { records, wallClock, random, onDead } = options;
  if (result.kind === 'saved' || result.kind === 'duplicate') {
    await records.remove(record.id);
    return result.kind;
  }
  const tooOld = wallClock() - record.createdAtMs > GIVE_UP_AFTER_MS;
  if (result.kind === 'refused' || tooOld) {
    await records.bury(record.id, result.reason);
    onDead(record, result.reason);
    return 'dead';
  }
  const ceilingMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (record.attempts - 1));
  const waitMs = Math.max(result.retryAfterMs ?? 0, ceilingMs * (0.5 + random() / 2));
  await records.postpone(record.id, Math.ceil(wallClock() + waitMs), result.reason);
  return 'queued';
}
