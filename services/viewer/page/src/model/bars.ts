import { SpanName } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { findTurnIndex } from './attribute.ts';
import type { CallNode } from './call-tree.ts';
import { type Colour, colourOf } from './colour.ts';
import type { Ends } from './ends.ts';
import type { Envelope } from './envelope.ts';
import { type Interval, placeOf, type TimeAxis } from './time-axis.ts';

/** A bar on an axis: `x` and `width` as shares of it. `lane`: caller above, bot below, all others over both. */
export type Bar = {
  readonly key: string;
  readonly x: number;
  readonly width: number;
  readonly colour: Colour;
  readonly lane: 'caller' | 'bot' | 'both';
  readonly isOpen: boolean;
};

/** The bar of one span, null when it lies wholly outside of the axis. */
export function placeSpan(axis: TimeAxis, span: SpanView, ends: Ends): Bar | null {
  const colour = colourOf(span);
  const lane = colour === 'caller' || colour === 'bot' ? colour : 'both';
  return placeInterval(
    axis,
    { fromMs: span.startMs, toMs: ends.endOf(span) },
    { span, colour, lane, isOpen: ends.isGrowing(span) },
  );
}

type Look = { readonly span: SpanView; readonly colour: Colour; readonly lane: Bar['lane']; readonly isOpen: boolean };

function placeInterval(axis: TimeAxis, { fromMs, toMs }: Interval, look: Look): Bar | null {
  if (toMs < axis.fromMs || fromMs > axis.toMs) return null;
  const x = placeOf(axis, fromMs);
  return {
    key: look.span.spanId,
    x,
    width: placeOf(axis, toMs) - x,
    colour: look.colour,
    lane: look.lane,
    isOpen: look.isOpen,
  };
}

/**
 * A whole turn in one line: caller's speech, the wait, the bot's speech. Where no wait was measured, the steps that led to the
 * answer stand in its place, as far as they come before the bot's speech.
 */
export function listTurnBars(axis: TimeAxis, turn: CallNode, ends: Ends): Bar[] {
  const spans = turn.children.flatMap((child) => (child.kind === 'log' ? [] : [child.span]));
  const gap = spans.some((span) => span.name === SpanName.responseGap);
  const speaksFromMs = Math.min(...spans.filter((span) => span.name === SpanName.playout).map((span) => span.startMs));
  const steps = gap ? [] : spans.filter((span) => STEPS.includes(colourOf(span)));
  const before = steps.flatMap((span) => {
    const interval = { fromMs: span.startMs, toMs: Math.min(ends.endOf(span), speaksFromMs) };
    const bar =
      interval.toMs > interval.fromMs &&
      placeInterval(axis, interval, { span, colour: colourOf(span), lane: 'both', isOpen: ends.isGrowing(span) });
    return bar ? [bar] : [];
  });
  const spoken = spans.filter((span) => SPOKEN.includes(span.name)).map((span) => placeSpan(axis, span, ends));
  return [...before, ...spoken.filter((bar) => bar !== null)];
}

const STEPS: readonly Colour[] = ['transcription', 'reply', 'synthesis', 'retrieval'];
const SPOKEN: readonly string[] = [SpanName.userSpeech, SpanName.responseGap, SpanName.playout];

/** What the lanes are drawn from. */
type LaneInput = { readonly spans: Iterable<SpanView>; readonly envelopes: readonly Pick<Envelope, 'turnIndex'>[] };

/** The waits of the whole call, and both sides of the turns whose sound is not known. */
export function listLaneBars(axis: TimeAxis, { spans, envelopes }: LaneInput, ends: Ends): Bar[] {
  const known = new Set(envelopes.map(({ turnIndex }) => turnIndex));
  return [...spans]
    .filter((span) => SPOKEN.includes(span.name))
    .filter((span) => span.name === SpanName.responseGap || !known.has(findTurnIndex(span)))
    .sort((a, b) => a.startMs - b.startMs)
    .flatMap((span) => placeSpan(axis, span, ends) ?? []);
}
