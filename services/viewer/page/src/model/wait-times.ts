import type { WaitTime } from '../../../api/types.ts';

/** A wait with a figure. */
type MeasuredWait = WaitTime & { readonly durationMs: number };

/** The longest wait of a call's row, null where none has a figure. */
export function findWorstWait(waits: readonly WaitTime[]): MeasuredWait | null {
  return waits.reduce<MeasuredWait | null>((worst, wait) => {
    if (!hasFigure(wait)) return worst;
    return worst === null || wait.durationMs > worst.durationMs ? wait : worst;
  }, null);
}

function hasFigure(wait: WaitTime): wait is MeasuredWait {
  return wait.durationMs !== null;
}
