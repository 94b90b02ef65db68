import type { ThresholdLevel } from 'callspan/conventions';
import { useWords } from '../data/page-context.ts';
import { signOf } from '../words/say.ts';

/** `!` or `!!` beside a figure that passed a limit, in words for who cannot see it; nothing for one that did not. */
export function BreachSign({ level }: { readonly level: ThresholdLevel | null }) {
  const words = useWords();
  if (level === null) return null;
  return (
    <span className={`sign sign-${level}`} title={words.breach[level]}>
      <span aria-hidden="true">{signOf(level)}</span>
      <span className="hidden-text"> {words.breach[level]}</span>
    </span>
  );
}
