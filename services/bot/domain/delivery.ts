import type { Clock } from '../../line/clock.ts';
import type { Delivery } from './ports.ts';

/** A record waiting on disk. Times are epoch milliseconds. */
export type WaitingRecord = {
  /** `<call>:<version>`, see save.ts. */
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
  /** A later version of a call's record is not among them while an earlier one waits. */
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
/** So many attempts at once: after an outage thousands may be due, and the service that comes back has callers to serve. */
const BATCH = 16;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 300_000;

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
  /**
   * Resolves with how the record's next attempt went; `queued` without one when an earlier version of it waits for a
   * later try. The record must be on disk.
   */
  deliverSoon(id: string): Promise<Delivery>;
  /** Attempts everything that is due. */
  run(): Promise<void>;
  close(): void;
};

export function createDeliverer(options: DelivererOptions): Deliverer {
  const { records, post, clock, wallClock } = options;
  const firstTries = createFirstTries(wallClock);
  const underWay = new Set<string>();
  let running: Promise<void> | undefined;
  let again = false;
  let closed = false;
  let cancelTimer: (() => void) | undefined;

  const attempt = async (record: WaitingRecord) => {
    underWay.add(record.id);
    // A disk that fails after the answer came: the lease runs out and the record is tried again.
    const outcome = await settle(record, await post(record), options).catch(() => 'queued' as const);
    underWay.delete(record.id);
    firstTries.tell(record.id, { outcome, attempts: record.attempts, ageMs: wallClock() - record.createdAtMs });
    // Its place is free, and a later version of it may go.
    void run();
  };

  const drain = async () => {
    do {
      again = false;
      const room = BATCH - underWay.size;
      if (room === 0) return;
      const due = await records.lease(wallClock(), wallClock() + LEASE_MS, room);
      // Not awaited: one slow answer must not hold up the others. The lease keeps each from being tried twice at once.
      for (const record of due) void attempt(record);
      // What was written while the disk was asked is looked for in the next round.
      if (due.length < room && !again) firstTries.tellHeldBack(underWay);
    } while (again && !closed);
  };

  const run = (): Promise<void> => {
    if (closed) return Promise.resolve();
    again = true;
    running ??= drain()
      // A disk that fails now may work later: the timer asks again.
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
        cancelTimer?.();
        if (again) void run();
        else if (!closed) cancelTimer = clock.after(FIRST_RETRY_MS, () => void run(), { unref: true });
      });
    return running;
  };

  return {
    deliverSoon(id) {
      const delivery = firstTries.watch(id);
      void run();
      return delivery;
    },
    run,
    close() {
      closed = true;
      cancelTimer?.();
    },
  };
}

/** Who waits to hear how the first try of a record went. */
function createFirstTries(wallClock: () => number) {
  const watchers = new Map<string, { readonly sinceMs: number; readonly first: PromiseWithResolvers<Delivery> }>();
  const tell = (id: string, delivery: Delivery) => {
    watchers.get(id)?.first.resolve(delivery);
    watchers.delete(id);
  };
  return {
    watch(id: string): Promise<Delivery> {
      const first = Promise.withResolvers<Delivery>();
      watchers.set(id, { sinceMs: wallClock(), first });
      return first.promise;
    },
    tell,
    /** Nothing else is due: a record that nobody tries now waits for an earlier version, and its call should not. */
    tellHeldBack(underWay: ReadonlySet<string>): void {
      const callsUnderWay = new Set([...underWay].map(callOf));
      for (const [id, { sinceMs }] of watchers) {
        if (!callsUnderWay.has(callOf(id))) tell(id, { outcome: 'queued', attempts: 0, ageMs: wallClock() - sinceMs });
      }
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
  // However old it is: the caller was told that it is noted, and a service that was away for days comes back.
  if (result.kind === 'refused') {
    await records.bury(record.id, result.reason);
    onDead(record, result.reason);
    return 'dead';
  }
  const ceilingMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** (record.attempts - 1));
  const waitMs = Math.max(result.retryAfterMs ?? 0, ceilingMs * (0.5 + random() / 2));
  await records.postpone(record.id, Math.ceil(wallClock() + waitMs), result.reason);
  return 'queued';
}

function callOf(id: string): string {
  return id.slice(0, id.lastIndexOf(':'));
}
