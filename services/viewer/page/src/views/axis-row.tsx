// biome-ignore-all lint/a11y/useSemanticElements: a table's elements cannot be windowed rows of a fixed height
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and points at its active row (WAI-ARIA, aria-activedescendant)
import { useWords } from '../data/page-context.ts';
import { NARROW, useMedia } from '../data/use-media.ts';
import { formatOffset, formatShortDuration } from '../format/duration.ts';
import type { Picture } from '../model/call-picture.ts';
import { listTicks } from '../model/ticks.ts';
import type { TimeAxis } from '../model/time-axis.ts';

/** Heads of the columns, and the time axis over the bars. */
export function AxisRow({ picture }: { readonly picture: Picture }) {
  const words = useWords();
  const count = useMedia(NARROW) ? 4 : 9;
  const { axis, originMs } = picture;
  return (
    <div className="axis" role="row" aria-rowindex={1}>
      <span className="cell-name" role="columnheader">
        {words.call.step}
      </span>
      <span className="cell-duration" role="columnheader">
        {words.call.duration}
      </span>
      <span className="cell-bars" role="columnheader" aria-label={words.call.waterfall}>
        {listTicks(axis, originMs, count).map((tick) => (
          <span key={tick.offsetMs} className="tick" style={{ left: `${tick.x * 100}%` }}>
            {formatOffset(tick.offsetMs, words)}
          </span>
        ))}
      </span>
    </div>
  );
}

/** The stretches of silence that the axis leaves out, as bands through all rows. `height` in CSS pixels. */
export function Folds({ axis, height }: { readonly axis: TimeAxis; readonly height: number }) {
  const words = useWords();
  return (
    <div className="folds" aria-hidden="true" style={{ height: `${height}px` }}>
      {axis.pieces
        .filter((piece) => piece.folded)
        .map((piece) => (
          <span
            key={piece.fromMs}
            className="fold"
            title={words.call.folded(formatShortDuration(piece.toMs - piece.fromMs))}
            style={{ left: `${piece.fromX * 100}%`, width: `${(piece.toX - piece.fromX) * 100}%` }}
          />
        ))}
    </div>
  );
}
