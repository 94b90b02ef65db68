import type { Gap, TurnReport } from '../../otel/src/gap/turn-record.ts';
import type { MediaLine } from '../../otel/src/media/media-line.ts';

type Truth = { spokenMs?: number; playedMs?: number };

/** A turn that was measured, and how far off. */
export type MeasuredTurn = {
  readonly index: number;
  readonly source: Gap['source'];
  readonly errorMs: number;
  readonly uncertaintyMs: number;
};

/** What one simulated call came to. */
export type SimReport = ReturnType<typeof measuredTurns> & { readonly line?: MediaLine };

/** Collects what a watch reports beside what is true. */
export function measuredTurns() {
  const truths = new Map<number, Truth>();
  const gaps = new Map<number, Gap>();
  const reasons = new Map<number, string>();
  const listener: TurnReport = {
    speechBegan: () => undefined,
    speechEnded: () => undefined,
    playoutBegan: () => undefined,
    measured: (turn, gap) => void gaps.set(turn.index, gap),
    unmeasured: (turn, reason) => void reasons.set(turn.index, reason),
    bargedIn: () => undefined,
    underrun: () => undefined,
    ended: () => undefined,
  };
  return {
    listener,
    reasons,
    gaps,
    truth(index: number, truth: Truth): void {
      truths.set(index, { ...truths.get(index), ...truth });
    },
    measured(): MeasuredTurn[] {
      return [...gaps].map(([index, { source, eosAtMs, playedAtMs, uncertaintyMs }]) => {
        const { spokenMs = Number.NaN, playedMs = Number.NaN } = truths.get(index) ?? {};
        return { index, source, uncertaintyMs, errorMs: playedAtMs - eosAtMs - (playedMs - spokenMs) };
      });
    },
  };
}
