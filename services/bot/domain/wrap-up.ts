import { withDeadline } from './deadline.ts';
import type { CallOnLine, ConversationDeps } from './deps.ts';
import type { Dialogue } from './dialogue.ts';
import type { Delivery, EndReason, Outcome } from './ports.ts';
import { hasContent } from './record.ts';
import { type SavedRecord, saveRecord } from './save.ts';

/** What is left to do may take so long after the hang-up, then the call is closed without it. */
const WRAP_UP_BUDGET_MS = 8000;
const DELIVERY_PATIENCE_MS = 5500;

type WrapUpOptions = {
  readonly deps: ConversationDeps;
  readonly call: CallOnLine;
  readonly dialogue: Dialogue;
  readonly reason: EndReason;
  readonly endedAtMs: number;
};

/** Finishes a call that has ended: a caller who hung up half-way must not lose what they said. */
export async function wrapUp(options: WrapUpOptions): Promise<Outcome> {
  const { deps, call, dialogue } = options;
  const signal = new AbortController().signal;
  try {
    return await withDeadline(() => finish(options), { clock: deps.clock, budgetMs: WRAP_UP_BUDGET_MS, signal });
  } catch (error) {
    call.listener.providerFailed(dialogue.turnIndex, 'save', error);
    return 'failed';
  } finally {
    deps.callResources?.release(call.callSid);
  }
}

async function finish({ deps, call, dialogue, reason, endedAtMs }: WrapUpOptions): Promise<Outcome> {
  await dialogue.settled();
  const extraction = await dialogue.extraction;
  let saved = dialogue.saved;
  if (extraction && hasContent(extraction)) {
    if (!saved) call.listener.wrapUpStarted(endedAtMs);
    const turn = { callSid: call.callSid, turnIndex: dialogue.turnIndex };
    // The same words as before are the same record; a correction after it is a new version.
    saved = await saveRecord(deps.outbox, { call, turn, extraction, previous: saved });
  }
  if (saved) return outcomeOf(await firstDelivery(saved, deps));
  if (reason === 'shutdown') return 'interrupted';
  if (dialogue.givenUp || reason === 'stream_error') return 'failed';
  return dialogue.heardTurns === 0 && reason === 'caller_hangup' ? 'abandoned' : 'no_record';
}

/** A record that is on disk will be delivered: the call does not wait long for the first attempt. */
function firstDelivery(saved: SavedRecord, { clock }: ConversationDeps): Promise<Delivery['outcome']> {
  const waiting = clock.delay(DELIVERY_PATIENCE_MS).then(() => 'queued' as const);
  return Promise.race([saved.delivered.then((delivery) => delivery.outcome), waiting]);
}

/** Only a record that the service refused for good is a failure. */
function outcomeOf(delivery: Delivery['outcome']): Outcome {
  return delivery === 'dead' ? 'failed' : 'saved';
}
