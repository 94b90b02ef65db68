import type { WaitTime } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { formatDuration } from '../format/duration.ts';
import { findWaitLevel, WAIT_LIMIT } from '../model/limits.ts';

/** Turns shown in a row; of a longer call the last ones. */
const MAX_BARS = 24;
/** All rows have one scale, so that bars compare down the list; a longer wait fills its row and its figure tells the rest. */
const SCALE_MS = 2500;

/** The waits of a call as bars on one line, the limit dashed through them; a gap stands for a wait that could not be measured. */
export function TinyRibbon({ waits }: { readonly waits: readonly WaitTime[] }) {
  const words = useWords();
  if (waits.length === 0) return null;
  const said = waits.map(({ turnIndex, durationMs }) =>
    durationMs === null
      ? `${turnIndex}: ${words.panel.gapSources.none}`
      : `${turnIndex}: ${formatDuration(durationMs, words)}`,
  );
  return (
    <span className="ribbon" role="img" aria-label={`${words.call.waits} ${said.join(', ')}`} title={said.join(' · ')}>
      {waits.slice(-MAX_BARS).map((wait) => (
        <RibbonBar key={wait.turnIndex} wait={wait} />
      ))}
      {WAIT_LIMIT && (
        <span className="ribbon-limit" style={{ bottom: `${Math.min(1, WAIT_LIMIT.criticalMs / SCALE_MS) * 100}%` }} />
      )}
    </span>
  );
}

function RibbonBar({ wait: { durationMs, level } }: { readonly wait: WaitTime }) {
  if (durationMs === null) return <span className="ribbon-bar ribbon-none" />;
  const isOver = findWaitLevel(durationMs, level) === 'critical';
  return (
    <span
      className={`ribbon-bar${isOver ? ' ribbon-over' : ''}`}
      style={{ height: `${Math.min(1, durationMs / SCALE_MS) * 100}%` }}
    />
  );
}
