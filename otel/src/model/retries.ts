/** The back-off of the openai package: half a second, doubled each time, at most 8 s; a `retry-after` up to 60 s holds. */
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8000;
const LONGEST_RETRY_AFTER_MS = 60_000;
/** What the next attempt may take to come about after its wait. */
const SLACK_MS = 2000;

/** A logical request, as far as an attempt of it shows. */
export type RequestKey = {
  readonly url: string;
  readonly body: unknown;
  readonly callSid: string | undefined;
};

type Waiting<T> = {
  readonly key: RequestKey;
  readonly count: number;
  readonly owner: T;
  readonly timer: NodeJS.Timeout;
};

/** Requests whose failed attempt may be followed by another. */
export type RetryRegister<T> = {
  /** `giveUp` runs when attempt `count` + 1 does not come within `waitMs` and a little. */
  wait(waiting: { key: RequestKey; count: number; owner: T; waitMs: number; giveUp: () => void }): void;
  /** The owner that waits for this attempt, if there is one. */
  take(key: RequestKey, count: number): T | undefined;
};

/** An empty register. Attempts are told apart by url, body, call and their number (`x-stainless-retry-count`). */
export function createRetryRegister<T>(): RetryRegister<T> {
  const waiting: Waiting<T>[] = [];
  const remove = (entry: Waiting<T>) => {
    const index = waiting.indexOf(entry);
    if (index >= 0) waiting.splice(index, 1);
  };
  return {
    wait({ key, count, owner, waitMs, giveUp }) {
      const timer = setTimeout(() => {
        remove(entry);
        giveUp();
      }, waitMs + SLACK_MS);
      timer.unref();
      const entry: Waiting<T> = { key, count, owner, timer };
      waiting.push(entry);
    },
    take(key, count) {
      const entry = waiting.find((candidate) => candidate.count === count - 1 && isSame(candidate.key, key));
      if (!entry) return undefined;
      clearTimeout(entry.timer);
      remove(entry);
      return entry.owner;
    },
  };
}

function isSame(one: RequestKey, other: RequestKey): boolean {
  return one.url === other.url && one.body === other.body && one.callSid === other.callSid;
}

/** How long the openai package waits at most before the attempt after number `count` (from 0), in milliseconds. */
export function retryWaitMs(headers: Headers | undefined, count: number): number {
  const told = retryAfterMs(headers);
  if (told !== undefined && told >= 0 && told <= LONGEST_RETRY_AFTER_MS) return told;
  return Math.min(FIRST_BACKOFF_MS * 2 ** count, LONGEST_BACKOFF_MS);
}

function retryAfterMs(headers: Headers | undefined): number | undefined {
  const exact = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (!Number.isNaN(exact)) return exact;
  const after = headers?.get('retry-after') ?? '';
  const seconds = Number.parseFloat(after);
  if (!Number.isNaN(seconds)) return seconds * 1000;
  const at = Date.parse(after);
  return Number.isNaN(at) ? undefined : at - Date.now();
}
