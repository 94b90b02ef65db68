import { ApiError } from './api-error.ts';

/** Requests and tokens a minute that this account is said to have. */
const LIMITS = { requests: 10_000, tokens: 2_000_000 } as const;
const MINUTE_MS = 60_000;

/** One bucket as it stands. */
export type RateLimit = {
  readonly name: keyof typeof LIMITS;
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
};

/** Buckets that refill evenly over a minute, as the vendor's do. Times in milliseconds of the clock handed in. */
export type RateLimits = {
  /** Counts one request with its tokens and returns the `x-ratelimit-*` headers. */
  count(tokens: number): Readonly<Record<string, string>>;
  /** The headers as things stand, nothing counted. */
  read(): Readonly<Record<string, string>>;
  /** Counts one request with its tokens; for events. */
  countLimits(tokens: number): readonly RateLimit[];
};

/** `90000` -> `1m30s`, `1500` -> `1.5s`, `6` -> `6ms`. */
function formatReset(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.ceil(durationMs)}ms`;
  const minutes = Math.floor(durationMs / MINUTE_MS);
  const seconds = Math.round((durationMs % MINUTE_MS) / 10) / 100;
  return minutes > 0 ? `${minutes}m${Math.round(seconds)}s` : `${seconds}s`;
}

function formatHeaders(limits: readonly RateLimit[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    limits.flatMap(({ name, limit, remaining, resetMs }) => [
      [`x-ratelimit-limit-${name}`, String(limit)],
      [`x-ratelimit-remaining-${name}`, String(remaining)],
      [`x-ratelimit-reset-${name}`, formatReset(resetMs)],
    ]),
  );
}

/** Full buckets. They report and never refuse: a refusal is a fault that is switched on. */
export function createRateLimits(now: () => number): RateLimits {
  const used = { requests: 0, tokens: 0 };
  let countedAt = now();
  const drain = (name: keyof typeof LIMITS, add: number): RateLimit => {
    const limit = LIMITS[name];
    const refilled = ((now() - countedAt) * limit) / MINUTE_MS;
    used[name] = Math.min(limit, Math.max(0, used[name] - refilled) + add);
    return { name, limit, remaining: Math.floor(limit - used[name]), resetMs: (used[name] * MINUTE_MS) / limit };
  };
  const countLimits = (requests: number, tokens: number) => {
    const limits = [drain('requests', requests), drain('tokens', tokens)];
    countedAt = now();
    return limits;
  };
  return {
    count: (tokens) => formatHeaders(countLimits(1, tokens)),
    read: () => formatHeaders(countLimits(0, 0)),
    countLimits: (tokens) => countLimits(1, tokens),
  };
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

/** 429 `rate_limit_exceeded` with the wait that it asks for. */
export function createRateLimitError(retryAfterMs: number): ApiError {
  return new ApiError(429, {
    message: `Rate limit reached in organization org-standin on requests per min (RPM): Limit 10000, Used 10000, Requested 1. Please try again in ${Math.ceil(retryAfterMs)}ms. Visit https://platform.openai.com/account/rate-limits to learn more.`,
    type: 'requests',
    param: null,
    code: 'rate_limit_exceeded',
  });
}
