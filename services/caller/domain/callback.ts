import type { CallSession } from './call-session.ts';
import { warn } from './call-session.ts';
import { sendInTime } from './document.ts';
import { createToken } from './sid.ts';
import type { Action } from './twiml.ts';

const ATTEMPTS = 3;
const RETRY_DELAY_MS = 500;

/** Tells the bot something, in the background; repeated a little when the bot is not reached or answers 5xx, then left with a warning. */
export function sendCallback(session: CallSession, action: Action, params: Readonly<Record<string, string>>): void {
  session.pending.push(deliver(session, action, params));
}

async function deliver(session: CallSession, action: Action, params: Readonly<Record<string, string>>): Promise<void> {
  const { deps } = session;
  // The call may be over: that does not stop what is said about it.
  const never = new AbortController().signal;
  const form = { ...action, params, idempotencyToken: createToken(deps.random), signal: never };
  let problem = '';
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    try {
      const { status } = await sendInTime(deps, form);
      if (status < 300) return;
      problem = `answered ${status}`;
      if (status < 500) break;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    if (attempt < ATTEMPTS) await deps.clock.delay(RETRY_DELAY_MS * attempt);
  }
  warn(session, 11200, `status callback ${action.url}: ${problem}`);
}
