import { useWords } from '../data/page-context.ts';
import { formatDuration, formatSeconds } from '../format/duration.ts';
import type { Gap } from '../model/gap.ts';
import { findMedian } from '../model/median.ts';
import { sayWait } from '../words/say.ts';

type WaitsProps = {
  readonly gaps: readonly Gap[];
  readonly selectedId: string | null;
  readonly onSelect: (spanId: string) => void;
};

/** The caller's wait in each turn; nothing for a call whose bot does not measure it. */
export function Waits({ gaps, selectedId, onSelect }: WaitsProps) {
  const words = useWords();
  const measured = gaps.filter((gap) => gap.durationMs !== null && gap.source !== 'none');
  if (gaps.length === 0) return null;
  const worstMs = Math.max(1, ...measured.map((gap) => gap.durationMs ?? 0));
  const medianMs = findMedian(measured.map((gap) => gap.durationMs ?? 0));
  return (
    <section className="waits" aria-label={words.call.waits}>
      <span className="waits-title" aria-hidden="true">
        {words.call.waits}
      </span>
      <ol>
        {gaps.map((gap) => (
          <li key={gap.spanId}>
            <button
              type="button"
              className="wait"
              aria-pressed={gap.spanId === selectedId}
              title={words.call.waitOf(
                gap.turnIndex,
                sayWait(words, gap.durationMs ?? 0, gap.source, gap.uncertaintyMs),
              )}
              onClick={() => onSelect(gap.spanId)}
            >
              <span className="wait-turn">
                <span className="hidden-text">{words.spanNames.turn} </span>
                {gap.turnIndex}
              </span>
              <span className="wait-scale">
                <span className="wait-bar" style={{ height: `${((gap.durationMs ?? 0) / worstMs) * 100}%` }} />
              </span>
              <span>
                {gap.durationMs === null || gap.source === 'none' ? '–' : formatSeconds(gap.durationMs, words)}
              </span>
            </button>
          </li>
        ))}
      </ol>
      <span className="dim waits-unit">s</span>
      <span className="dim waits-note">
        {medianMs !== null && words.call.median(formatDuration(medianMs, words))}
        {' · '}
        {words.call.measured(measured.length, gaps.length)}
      </span>
    </section>
  );
}
