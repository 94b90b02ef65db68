import type { PostRecord, PostResult } from '../../domain/delivery.ts';

const TIMEOUT_MS = 5000;
/** Worth another try; 409 means that the same key is being worked on right now. */
const TRY_LATER = new Set([408, 409, 425, 429, 500, 502, 503, 504]);

/** Posts a record to the records service under its Idempotency-Key. @param fetchThrough fetch, so that tests decide */
export function createPostRecord(baseUrl: string, fetchThrough: typeof fetch = fetch): PostRecord {
  return async (record) => {
    try {
      const response = await fetchThrough(`${baseUrl}/records`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `"${record.id}"` },
        body: record.body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await response.text();
      return toResult(response, text);
    } catch (error) {
      return { kind: 'later', reason: error instanceof Error ? error.message : String(error) };
    }
  };
}

function toResult(response: Response, text: string): PostResult {
  if (response.ok) return { kind: response.headers.get('idempotency-replayed') === 'true' ? 'duplicate' : 'saved' };
  const reason = `HTTP ${response.status} ${text.slice(0, 200)}`;
  if (!TRY_LATER.has(response.status)) return { kind: 'refused', reason };
  const seconds = Number(response.headers.get('retry-after'));
  return seconds > 0 ? { kind: 'later', reason, retryAfterMs: seconds * 1000 } : { kind: 'later', reason };
}
