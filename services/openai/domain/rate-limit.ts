/** Requests and tokens a minute that this account is said to have. */
const LIMITS = { requests: 10_000, tokens: 2_000_000 } as const;
const MINUTE_MS = 60_000;

/** Buckets that refill evenly over a minute, as the vendor's do. Times in milliseconds of the clock handed in. */
export type RateLimits = {
  /** Counts one request with its tokens and returns the `x-ratelimit-*` headers. */
  count(tokens: number): Readonly<Record<string, string>>;
  /** The headers as things stand, nothing counted. */
  read(): Readonly<Record<string, string>>;
};

/** `90000` -> `1m30s`, `1500` -> `1.5s`, `6` -> `6ms`. */
function formatReset(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.ceil(durationMs)}ms`;
  const minutes = Math.floor(durationMs / MINUTE_MS);
  const seconds = Math.round((durationMs % MINUTE_MS) / 10) / 100;
  return minutes > 0 ? `${minutes}m${Math.round(seconds)}s` : `${seconds}s`;
}

/** Full buckets. They report and never refuse: a refusal is a fault that is switched on. */
export function createRateLimits(now: () => number): RateLimits {
  const used = { requests: 0, tokens: 0 };
  let countedAt = now();
  const drain = (name: keyof typeof LIMITS, add: number) => {
    const refilled = ((now() - countedAt) * LIMITS[name]) / MINUTE_MS;
    used[name] = Math.min(LIMITS[name], Math.max(0, used[name] - refilled) + add);
    return [
      [`x-ratelimit-limit-${name}`, String(LIMITS[name])],
      [`x-ratelimit-remaining-${name}`, String(Math.floor(LIMITS[name] - used[name]))],
      [`x-ratelimit-reset-${name}`, formatReset((used[name] * MINUTE_MS) / LIMITS[name])],
    ] as const;
  };
  const count = (requests: number, tokens: number) => {
    const headers = [...drain('requests', requests), ...drain('tokens', tokens)];
    countedAt = now();
    return Object.fromEntries(headers);
  };
  return { count: (tokens) => count(1, tokens), read: () => count(0, 0) };
}

/** The headers of a refusal: nothing left until `retryAfterMs` have passed. */
export function exhaustedHeaders(retryAfterMs: number): Readonly<Record<string, string>> {
  return {
    'retry-after': String(Math.ceil(retryAfterMs / 1_000)),
    'retry-after-ms': String(Math.ceil(retryAfterMs)),
    'x-ratelimit-limit-requests': String(LIMITS.requests),
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': formatReset(retryAfterMs),
  };
}
