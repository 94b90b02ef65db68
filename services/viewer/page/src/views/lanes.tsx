import { useMemo } from 'react';
import { useWords } from '../data/page-context.ts';
import { formatShortDuration } from '../format/duration.ts';
import { listLaneBars } from '../model/bars.ts';
import type { CallData } from '../model/call-data.ts';
import type { Picture } from '../model/call-picture.ts';
import { type Envelope, listEnvelopes } from '../model/envelope.ts';
import { placeOf, type TimeAxis } from '../model/time-axis.ts';
import { listColumns, toWavePath, WAVE_COLUMNS } from '../model/wave.ts';
import { BarMark } from './bar-mark.tsx';

type LanesProps = { readonly picture: Picture; readonly data: CallData };

/**
 * The whole call at a glance: caller above, bot below, the waits between them filled. Where a turn's sound is known its wave is
 * drawn, else, and while the turn goes on, when each side spoke.
 */
export function Lanes({ picture, data }: LanesProps) {
  const words = useWords();
  const { callAxis, axis, ends } = picture;
  const envelopes = useMemo(() => listEnvelopes(data.logs), [data.logs]);
  const bars = useMemo(
    () => listLaneBars(callAxis, { spans: data.spans.values(), envelopes }, ends),
    [callAxis, data.spans, envelopes, ends],
  );
  if (bars.length === 0 && envelopes.length === 0) {
    return data.summary.state === 'live' ? null : <p className="lanes-empty dim">{words.call.noLanes}</p>;
  }
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
        <FoldMarks axis={callAxis} />
        <Wave axis={callAxis} envelopes={envelopes} side="caller" />
        <Wave axis={callAxis} envelopes={envelopes} side="bot" />
        {bars.map((bar) => (
          <BarMark key={bar.key} bar={bar} />
        ))}
      </div>
    </div>
  );
}

function FoldMarks({ axis }: { readonly axis: TimeAxis }) {
  const words = useWords();
  return axis.pieces
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
    ));
}

type WaveProps = {
  readonly axis: TimeAxis;
  readonly envelopes: readonly Envelope[];
  readonly side: 'caller' | 'bot';
};

function Wave({ axis, envelopes, side }: WaveProps) {
  const path = useMemo(() => toWavePath(listColumns(axis, envelopes, side)), [axis, envelopes, side]);
  const speech = envelopes
    .flatMap((envelope) => envelope[side].speech)
    .filter(({ fromMs, toMs }) => toMs > axis.fromMs && fromMs < axis.toMs);
  return (
    <div className={`wave wave-${side} c-${side}`} aria-hidden="true">
      {speech.map(({ fromMs, toMs }) => (
        <span
          key={fromMs}
          className="speech"
          style={{
            left: `${placeOf(axis, fromMs) * 100}%`,
            width: `${(placeOf(axis, toMs) - placeOf(axis, fromMs)) * 100}%`,
          }}
        />
      ))}
      <svg viewBox={`0 0 ${WAVE_COLUMNS} 100`} preserveAspectRatio="none" focusable="false" aria-hidden="true">
        <path d={path} />
      </svg>
    </div>
  );
}
