import type { CallRecord } from './record.ts';

/** A record on its way into the store, with what makes saving it twice harmless. */
export type RecordToSave = {
  readonly record: CallRecord;
  /** The client's Idempotency-Key, unquoted. */
  readonly idempotencyKey: string;
  /** Digest of the body the key came with: the same key with another digest is a client's mistake. */
  readonly fingerprint: string;
};

/**
 * `created`: this call made the row. `replayed`: the key had made `record` before. `reused`: the key belongs to another
 * body. `running`: somebody else is saving under this key right now; nothing is known yet, ask again.
 */
export type SaveOutcome =
  | { readonly kind: 'created'; readonly record: CallRecord }
  | { readonly kind: 'replayed'; readonly record: CallRecord }
  | { readonly kind: 'reused' }
  | { readonly kind: 'running' };

/**
 * Where records are kept. Each method rejects with RecordsError `unavailable` when the database is locked, gone or full.
 * The key is a unique column of the row itself: claiming it and saving the record is one statement, so no crash can leave a
 * key claimed and no record behind it.
 */
export type RecordStore = {
  saveRecord(toSave: RecordToSave): Promise<SaveOutcome>;
  findRecord(id: string): Promise<CallRecord | undefined>;
  /** Newest first, at most `limit`. */
  listRecords(callSid: string, limit: number): Promise<readonly CallRecord[]>;
  /** Resolves when the database answers. */
  checkReady(): Promise<void>;
  close(): Promise<void>;
};
