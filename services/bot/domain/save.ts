import type { Delivery, RecordOutbox, TurnRef } from './ports.ts';
import { type Extraction, type RecordDraft, toRecordDraft } from './record.ts';

/** A record that is on disk; `delivered` tells how its first delivery went. */
export type SavedRecord = {
  readonly version: number;
  readonly draft: RecordDraft;
  readonly delivered: Promise<Delivery>;
};

export type SaveRequest = {
  readonly call: { readonly callSid: string; readonly traceId: string | null; readonly traceparent: string | null };
  readonly turn: TurnRef;
  readonly extraction: Extraction;
  /** What was saved before in this call: the same words are the same record, other words are a new version. */
  readonly previous: SavedRecord | undefined;
};

/** Writes the record durably; resolves when it is on disk. @throws when the outbox can not write. */
export async function saveRecord(outbox: RecordOutbox, request: SaveRequest): Promise<SavedRecord> {
  const { call, turn, previous } = request;
  const draft = toRecordDraft(request.extraction, call);
  if (previous && JSON.stringify(previous.draft) === JSON.stringify(draft)) return previous;
  const version = (previous?.version ?? 0) + 1;
  const { delivered } = await outbox.save({
    turn,
    draft,
    idempotencyKey: `${call.callSid}:${version}`,
    traceparent: call.traceparent,
  });
  return { version, draft, delivered };
}
