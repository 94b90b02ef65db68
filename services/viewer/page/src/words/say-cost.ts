import type { CallCost } from '../../../api/types.ts';
import { formatUsd } from '../format/money.ts';
import type { Words } from './words.ts';

/** The cost of a call: `$0.031`, `at least $0.031` where a part has no price, `$0.012 so far` while it goes on. */
export function sayCost(words: Words, cost: CallCost, isLive: boolean): string {
  const figure = formatUsd(cost.usd, words);
  if (isLive) return words.cost.soFar(figure);
  if (cost.isKnown) return figure;
  return cost.usd > 0 ? words.cost.atLeast(figure) : words.cost.unknown;
}
