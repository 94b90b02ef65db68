import type { Clock } from '../../line/clock.ts';
import type { TwilioFault } from './fault.ts';

/** How long to wait, and what it is when that was too long. */
export type Deadline = { readonly clock: Clock; readonly timeoutMs: number; readonly fault: () => TwilioFault };

// A fast line does not make the network or the bot's computing faster.
const LEAST_WALL_MS = 3000;

/**
 * Runs what must be done within `timeoutMs` of the line's clock (on a line faster than the wall at least 3 s of the wall) and before the call
 * ends. The signal given to `run` is aborted with the fault, or with the call's own reason.
 */
export async function withDeadline<T>(
  { clock, timeoutMs, fault }: Deadline,
  callSignal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const waitMs = clock.speed > 1 ? Math.max(timeoutMs, LEAST_WALL_MS * clock.speed) : timeoutMs;
  const cancel = clock.after(waitMs, () => late.abort(fault()));
  try {
    return await run(AbortSignal.any([callSignal, late.signal]));
  } finally {
    cancel();
  }
}
