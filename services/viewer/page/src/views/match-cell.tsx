import { useWords } from '../data/page-context.ts';
import { formatDuration } from '../format/duration.ts';
import type { Match } from '../model/found-calls.ts';

/** The longest of a call's matching steps, and how many there are where it is not alone. */
export function MatchCell({ match }: { readonly match: Match | undefined }) {
  const words = useWords();
  if (!match) return null;
  const { worstMs, count, isAtLeast } = match;
  return (
    <>
      <span className="narrow-only dim">{words.filter.column} </span>
      <span className="wait-figure">{formatDuration(worstMs, words)}</span>
      {(count > 1 || isAtLeast) && <span className="dim"> {words.filter.worstOf(count, isAtLeast)}</span>}
    </>
  );
}
