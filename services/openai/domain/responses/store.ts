import { ApiError } from '../api-error.ts';
import type { Message } from '../chat/messages.ts';

/** A response that was asked to be kept: what the API answered, and the talk up to and with it. */
export type StoredResponse = { readonly response: unknown; readonly messages: readonly Message[] };

/** Responses of this process, for `previous_response_id` and to look up. */
export type ResponseStore = {
  save(id: string, stored: StoredResponse): void;
  /** @throws ApiError 404 when it was never kept, was deleted, or has given way to newer ones. */
  find(id: string): StoredResponse;
  /** @throws ApiError 404 */
  delete(id: string): void;
};

const KEPT = 256;

/** Keeps the last 256 in memory. */
export function createResponseStore(): ResponseStore {
  const kept = new Map<string, StoredResponse>();
  const find = (id: string): StoredResponse => {
    const found = kept.get(id);
    if (found) return found;
    throw new ApiError(404, {
      message: `Response with id '${id}' not found.`,
      type: 'invalid_request_error',
      param: null,
      code: null,
    });
  };
  return {
    find,
    save(id, stored) {
      kept.set(id, stored);
      const oldest = kept.keys().next().value;
      if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    },
    delete(id) {
      find(id);
      kept.delete(id);
    },
  };
}
