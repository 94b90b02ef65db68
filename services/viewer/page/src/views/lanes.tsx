import { useMemo } from 'react';
import type { SpanView } from '../../../api/types.ts';
import { useWords } from '../data/page-context.ts';
import { formatShortDuration } from '../format/duration.ts';
import { listLaneBars } from '../model/bars.ts';
import type { Picture } from '../model/call-picture.ts';
import { placeOf } from '../model/time-axis.ts';
import { BarMark } from './bar-mark.tsx';

type LanesProps = {
  readonly picture: Picture;
  readonly spans: ReadonlyMap<string, SpanView>;
  readonly nowMs: number;
};

/** The whole call at a glance: caller above, bot below, the waits between them filled. */
export function Lanes({ picture, spans, nowMs }: LanesProps) {
  const words = useWords();
  const { callAxis, axis } = picture;
  const bars = useMemo(() => listLaneBars(callAxis, spans.values(), nowMs), [callAxis, spans, nowMs]);
  if (bars.length === 0) return null;
  const from = placeOf(callAxis, axis.fromMs);
  const to = placeOf(callAxis, axis.toMs);
  return (
    <div className="lanes">
      <div className="lane-names" aria-hidden="true">
        <span>{words.call.laneCaller}</span>
        <span>{words.call.laneBot}</span>
      </div>
      <div className="lane-bars" role="img" aria-label={words.call.lanes}>
        {axis !== callAxis && (
          <span className="zoom-window" style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }} />
        )}
        {callAxis.pieces
          .filter((piece) => piece.folded)
          .map((piece) => (
            <span
              key={piece.fromMs}
              className="fold-mark"
              title={words.call.folded(formatShortDuration(piece.toMs - piece.fromMs))}
              style={{ left: `${piece.fromX * 100}%`, width: `${(piece.toX - piece.fromX) * 100}%` }}
            >
              ⋯<span className="fold-time"> {formatShortDuration(piece.toMs - piece.fromMs)}</span>
            </span>
          ))}
        {bars.map((bar) => (
          <BarMark key={bar.key} bar={bar} />
        ))}
      </div>
    </div>
  );
}
