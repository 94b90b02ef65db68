import { withDeadline } from './deadline.ts';
import type { CallOnLine, ConversationDeps } from './deps.ts';
import type { Dialogue } from './dialogue.ts';
import type { EndReason, Outcome } from './ports.ts';
import { hasContent } from './record.ts';
import { saveRecord } from './save.ts';

/** What is left to do may take so long after the hang-up, then the call is closed without it. */
const WRAP_UP_BUDGET_MS = 8000;

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
  }
}

async function finish({ deps, call, dialogue, reason, endedAtMs }: WrapUpOptions): Promise<Outcome> {
  await dialogue.settled();
  if (!dialogue.saved) {
    const extraction = await dialogue.extraction;
    if (extraction && hasContent(extraction)) {
      call.listener.wrapUpStarted(endedAtMs);
      const turn = { callSid: call.callSid, turnIndex: -1 };
      const saved = await saveRecord(deps.outbox, { call, turn, extraction, previous: undefined });
      return outcomeOf((await saved.delivered).outcome);
    }
  }
  if (dialogue.saved) return outcomeOf((await dialogue.saved.delivered).outcome);
  if (reason === 'shutdown') return 'interrupted';
  if (dialogue.givenUp || reason === 'stream_error') return 'failed';
  return dialogue.heardTurns === 0 && reason === 'caller_hangup' ? 'abandoned' : 'no_record';
}

/** Only a record that the service refused for good is a failure; one that waits on disk will be delivered. */
function outcomeOf(delivery: string): Outcome {
  return delivery === 'dead' ? 'failed' : 'saved';
}
