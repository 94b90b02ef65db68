import type { SpanView } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { NARROW, useMedia } from '../data/use-media.ts';
import { formatDuration } from '../format/duration.ts';
import type { Bar } from '../model/bars.ts';
import type { Ends } from '../model/ends.ts';
import { findLimit, type SpanLimit } from '../model/limits.ts';
import { placeOf, type TimeAxis } from '../model/time-axis.ts';

type Place = { readonly axis: TimeAxis; readonly ends: Ends };
type LimitMarkProps = { readonly span: SpanView; readonly bar: Bar; readonly place: Place };

/** What a figure needs beside a line, as a share of the axis, on a screen and on a phone. */
const FIGURE_WIDTH = 0.16;
const NARROW_FIGURE_WIDTH = 0.25;

/** The limit of a span as a thin dashed line with its figure, quiet where it was kept; nothing for a span without one. */
export function LimitMark({ span, bar, place }: LimitMarkProps) {
  const words = useWords();
  const width = useMedia(NARROW) ? NARROW_FIGURE_WIDTH : FIGURE_WIDTH;
  const found = findPlaced(span, place);
  if (!found) return null;
  const figure = formatDuration(found.limitMs, words);
  return (
    <>
      <span className={found.level ? 'limit-line' : 'limit-line limit-kept'} style={{ left: `${found.x * 100}%` }} />
      <span className="limit-figure" style={placeFigure(found.x, bar, width)}>
        {found.level === 'warning' ? words.call.target(figure) : words.call.limit(figure)}
      </span>
    </>
  );
}

/** Behind line and bar; where the row has no room there, between the two; else before the bar. */
function placeFigure(lineX: number, bar: Bar, width: number): { readonly left: string } | { readonly right: string } {
  const barEnd = bar.x + bar.width;
  const end = Math.max(lineX, barEnd);
  if (end + width <= 1) return { left: `${end * 100}%` };
  const from = lineX - barEnd > width ? lineX : bar.x;
  return { right: `${(1 - from) * 100}%` };
}

/** The limit that a span has passed as a line alone, for a turn that is not opened. */
export function PassedLimit({ span, place }: { readonly span: SpanView; readonly place: Place }) {
  const found = findPlaced(span, place);
  if (!found?.level) return null;
  return <span className="limit-line" style={{ left: `${found.x * 100}%` }} />;
}

/** The limit of a span and its place on the axis, null where it has none or it lies outside. */
function findPlaced(span: SpanView, { axis, ends }: Place): (SpanLimit & { readonly x: number }) | null {
  const limit = findLimit(span, ends.endOf(span) - span.startMs);
  if (!limit) return null;
  const atMs = span.startMs + limit.limitMs;
  return atMs < axis.fromMs || atMs > axis.toMs ? null : { ...limit, x: placeOf(axis, atMs) };
}
