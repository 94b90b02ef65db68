import { RecordsError } from './errors.ts';
import type { RecordStore } from './ports.ts';
import type { CallRecord, NewRecord } from './record.ts';

/** What a request to save brings. */
export type SaveRequest = {
  readonly input: NewRecord;
  readonly idempotencyKey: string;
  readonly fingerprint: string;
};

/** The record as kept; `replayed` when an earlier request with the same key had made it. */
export type Saved = { readonly record: CallRecord; readonly replayed: boolean };

/** Identity and time for new records, handed in. */
export type Identity = { readonly newId: () => string; readonly now: () => Date };

/**
 * Saving at most once per Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07 section 2.6).
 * @throws RecordsError `idempotency_key_running` (a first request with the key is not answered yet),
 * `idempotency_key_reused` (the key came with another body before), `unavailable`.
 */
export function createSaveRecord(store: RecordStore, identity: Identity): (request: SaveRequest) => Promise<Saved> {
  const running = new Set<string>();
  return async ({ input, idempotencyKey, fingerprint }) => {
    if (running.has(idempotencyKey)) throw isRunning();
    running.add(idempotencyKey);
    try {
      const record = { ...input, id: identity.newId(), createdAt: identity.now().toISOString() };
      const outcome = await store.saveRecord({ record, idempotencyKey, fingerprint });
      if (outcome.kind === 'running') throw isRunning();
      if (outcome.kind === 'reused') {
        throw new RecordsError('idempotency_key_reused', 'This Idempotency-Key was used with another body');
      }
      return { record: outcome.record, replayed: outcome.kind === 'replayed' };
    } finally {
      running.delete(idempotencyKey);
    }
  };
}

const isRunning = () =>
  new RecordsError('idempotency_key_running', 'A request with this Idempotency-Key is still running');
