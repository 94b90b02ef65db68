import type { TracedTurn } from './ports.ts';

/**
 * For each thing the caller said the turn that the trace has of it, or undefined. By order where the numbers agree; else the pairing, in order, whose
 * words agree best: a bot may take two utterances for one, or miss one.
 */
export function matchTurns(said: readonly string[], traced: readonly TracedTurn[]): (TracedTurn | undefined)[] {
  if (said.length === traced.length || traced.every((turn) => turn.transcribed === null))
    return said.map((_text, at) => traced[at]);
  // best[i][j]: the greatest agreement of what was said from i on with the turns from j on.
  const best = Array.from({ length: said.length + 1 }, () => new Array<number>(traced.length + 1).fill(0));
  const at = (i: number, j: number) => best[i]?.[j] ?? 0;
  const paired = (i: number, j: number) => agreement(said[i] ?? '', traced[j]?.transcribed ?? '') + at(i + 1, j + 1);
  for (let i = said.length - 1; i >= 0; i -= 1) {
    for (let j = traced.length - 1; j >= 0; j -= 1) {
      const row = best[i];
      if (row) row[j] = Math.max(at(i + 1, j), at(i, j + 1), paired(i, j));
    }
  }
  const matched: (TracedTurn | undefined)[] = said.map(() => undefined);
  for (let i = 0, j = 0; i < said.length && j < traced.length; ) {
    if (paired(i, j) > Math.max(at(i + 1, j), at(i, j + 1))) {
      matched[i] = traced[j];
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return matched;
}

/** Share of letter pairs that both have (Dice), 0 to 1. */
function agreement(one: string, other: string): number {
  const pairs = (text: string) => new Set([...text].map((_letter, index) => text.slice(index, index + 2)));
  const [left, right] = [pairs(one), pairs(other)];
  const shared = [...left].filter((pair) => right.has(pair)).length;
  return left.size + right.size === 0 ? 0 : (2 * shared) / (left.size + right.size);
}
