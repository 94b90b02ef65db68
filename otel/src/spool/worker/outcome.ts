import type { Signal } from './protocol.ts';

/** What came back from a receiver, or why nothing did. */
export type Reply =
  | { readonly status: number; readonly retryAfter: string | undefined; readonly body: Buffer }
  | { readonly failure: string };

/** What becomes of the batch. */
export type Outcome =
  /** Items that the receiver took, less those that it says it did not keep. */
  | { readonly kind: 'delivered'; readonly rejected: number }
  /** @property afterMs as the receiver asked */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** Wrong or missing credentials: a person must act, nothing may be lost meanwhile. */
  | { readonly kind: 'unauthorized'; readonly status: number }
  /** Never to be sent again. */
  | { readonly kind: 'refused'; readonly status: number };

/** No receiver may hold us up for longer. */
export const MAX_RETRY_AFTER_MS = 5 * 60_000;
/** OTLP specification, "Failures": the only retryable answers. */
const RETRYABLE: readonly number[] = [429, 502, 503, 504];
const REJECTED_KEY = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const satisfies Record<Signal, string>;

/**
 * Decides as the OTLP specification says, but for credentials, which it leaves open.
 * @param nowMs wall clock, for a `Retry-After` that is a date
 */
export function judge(reply: Reply, signal: Signal, nowMs: number): Outcome {
  if ('failure' in reply) return { kind: 'retry', reason: reply.failure };
  const { status, retryAfter, body } = reply;
  if (status >= 200 && status <= 299) return { kind: 'delivered', rejected: rejectedIn(body, signal) };
  if (status === 401 || status === 403) return { kind: 'unauthorized', status };
  if (!RETRYABLE.includes(status)) return { kind: 'refused', status };
  const afterMs = parseRetryAfter(retryAfter, nowMs);
  return { kind: 'retry', reason: `status ${status}`, ...(afterMs === undefined ? {} : { afterMs }) };
}

/** `Retry-After` in milliseconds from now: seconds or a date (RFC 9110, 10.2.3), at most 5 minutes; else undefined. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

function rejectedIn(body: Buffer, signal: Signal): number {
  try {
    const isJson = body[0] === 0x7b;
    const count = isJson ? rejectedInJson(body.toString(), signal) : rejectedInProtobuf(body);
    return Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    // The status alone decides: a receiver that took the batch may say what it likes.
    return 0;
  }
}

function rejectedInJson(text: string, signal: Signal): number {
  const { partialSuccess } = JSON.parse(text) as { partialSuccess?: Record<string, unknown> };
  return Number(partialSuccess?.[REJECTED_KEY[signal]] ?? 0);
}

/** `Export*ServiceResponse { partial_success = 1 { rejected_* = 1: int64 } }`. */
function rejectedInProtobuf(body: Buffer): number {
  const [tag, length] = [body[0], body[1]];
  if (tag !== 0x0a || length === undefined || length === 0 || body[2] !== 0x08) return 0;
  let count = 0;
  let scale = 1;
  for (const byte of body.subarray(3, 13)) {
    count += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
    scale *= 128;
  }
  return count;
}
