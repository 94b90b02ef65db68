import { wrongOption } from '../check-options.ts';
import { OTHER_VALUE, TURN_END_REASONS } from '../conventions/closed-labels.ts';
import type { TurnEndReason } from '../conventions/index.ts';

/** A word of a closed list, or what stands for any other; `error` says what is wrong. */
export type ClosedWord<T> = { readonly word: T; readonly error?: TypeError };

/** Reads a word that a bot tells in the middle of a call, so that nothing may be thrown. */
export function closedWord<T extends string>(name: string, value: unknown, words: readonly T[]): ClosedWord<T> {
  const word = words.find((known) => known === value);
  if (word !== undefined) return { word };
  // Whoever reads the attribute knows this one beside the list.
  const other = OTHER_VALUE as T;
  return { word: other, error: wrongOption(name, value, `one of ${words.join(', ')}`) };
}

/** Reads how a bot says that a turn ends. */
export function readTurnEnd(reason: unknown): ClosedWord<TurnEndReason> {
  return closedWord('turn.end: reason', reason, TURN_END_REASONS);
}
