import type { SpanView } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { formatDuration } from '../format/duration.ts';
import type { Bar } from '../model/bars.ts';
import { findLimit } from '../model/limits.ts';
import { placeOf, type TimeAxis } from '../model/time-axis.ts';

type LimitMarkProps = { readonly span: SpanView; readonly bar: Bar; readonly axis: TimeAxis };

/** Where a figure beside the line would run out of the row, it stands on the other side of the bar. */
const LAST_ROOM = 0.84;

/** The limit of a span as a thin dashed line with its figure; nothing for a span without one. */
export function LimitMark({ span, bar, axis }: LimitMarkProps) {
  const words = useWords();
  const limit = findLimit(span);
  if (!limit) return null;
  const atMs = span.startMs + limit.limitMs;
  if (atMs < axis.fromMs || atMs > axis.toMs) return null;
  const figure = formatDuration(limit.limitMs, words);
  const x = placeOf(axis, atMs);
  const end = Math.max(x, bar.x + bar.width);
  const place = end > LAST_ROOM ? { right: `${(1 - bar.x) * 100}%` } : { left: `${end * 100}%` };
  return (
    <>
      <span className="limit-line" style={{ left: `${x * 100}%` }} />
      <span className="limit-figure" style={place}>
        {limit.level === 'warning' ? words.call.target(figure) : words.call.limit(figure)}
      </span>
    </>
  );
}
