import type { PostRecord, PostResult } from '../../domain/delivery.ts';

const TIMEOUT_MS = 5000;
/** The service read the record and will never take it. Everything else, a wrong token or path too, can be mended: the record waits. */
const REFUSED = new Set([400, 413, 415, 422]);

/** Posts a record to the records service under its Idempotency-Key. @param token bearer token, where the service asks for one */
export function createPostRecord(baseUrl: string, token?: string): PostRecord {
  const authorization = token ? { authorization: `Bearer ${token}` } : {};
  return async (record) => {
    try {
      const response = await fetch(`${baseUrl}/records`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `"${record.id}"`, ...authorization },
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
  if (REFUSED.has(response.status)) return { kind: 'refused', reason };
  const seconds = Number(response.headers.get('retry-after'));
  return seconds > 0 ? { kind: 'later', reason, retryAfterMs: seconds * 1000 } : { kind: 'later', reason };
}
