import type { Counters, Loss } from './counters.ts';

/** So many traces are remembered as incomplete, so that each is counted once though it lost several batches. */
const REMEMBERED_TRACES = 2000;

/** Counts the traces that lack spans. */
export type Losses = {
  add(loss: Loss, traceIds: readonly string[]): void;
  /** A trace that cannot be named any more. */
  addUnknown(loss: Loss): void;
};

/** @param counters where they are counted, by reason */
export function createLosses(counters: Counters): Losses {
  const known = new Set<string>();
  return {
    add(loss, traceIds) {
      for (const traceId of traceIds) {
        if (known.has(traceId)) continue;
        known.add(traceId);
        counters.add(`incomplete.${loss}`, 1);
        if (known.size > REMEMBERED_TRACES) known.delete(known.values().next().value ?? '');
      }
    },
    addUnknown: (loss) => counters.add(`incomplete.${loss}`, 1),
  };
}
