import { SpanName } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import type { CallNode } from './call-tree.ts';
import { type Colour, colourOf } from './colour.ts';
import { endOf, type Interval, placeOf, type TimeAxis } from './time-axis.ts';

/** A bar on an axis: `x` and `width` as shares of it. `lane`: caller above, bot below, all others over both. */
export type Bar = {
  readonly key: string;
  readonly x: number;
  readonly width: number;
  readonly colour: Colour;
  readonly lane: 'caller' | 'bot' | 'both';
  readonly isOpen: boolean;
};

/** The bar of one span, null when it lies wholly outside of the axis. @param nowMs epoch milliseconds */
export function placeSpan(axis: TimeAxis, span: SpanView, nowMs: number): Bar | null {
  const colour = colourOf(span);
  const lane = colour === 'caller' || colour === 'bot' ? colour : 'both';
  return placeInterval(axis, { fromMs: span.startMs, toMs: endOf(span, nowMs) }, { span, colour, lane });
}

type Look = { readonly span: SpanView; readonly colour: Colour; readonly lane: Bar['lane'] };

function placeInterval(axis: TimeAxis, { fromMs, toMs }: Interval, look: Look): Bar | null {
  if (toMs < axis.fromMs || fromMs > axis.toMs) return null;
  const x = placeOf(axis, fromMs);
  const isOpen = look.span.durationMs === null;
  return { key: look.span.spanId, x, width: placeOf(axis, toMs) - x, colour: look.colour, lane: look.lane, isOpen };
}

/**
 * A whole turn in one line: caller's speech, the wait, the bot's speech. Where no wait was measured, the steps that led to the
 * answer stand in its place, as far as they come before the bot's speech.
 */
export function listTurnBars(axis: TimeAxis, turn: CallNode, nowMs: number): Bar[] {
  const spans = turn.children.flatMap((child) => (child.kind === 'log' ? [] : [child.span]));
  const gap = spans.some((span) => span.name === SpanName.responseGap);
  const speaksFromMs = Math.min(...spans.filter((span) => span.name === SpanName.playout).map((span) => span.startMs));
  const steps = gap ? [] : spans.filter((span) => STEPS.includes(colourOf(span)));
  const before = steps.flatMap((span) => {
    const interval = { fromMs: span.startMs, toMs: Math.min(endOf(span, nowMs), speaksFromMs) };
    const bar =
      interval.toMs > interval.fromMs && placeInterval(axis, interval, { span, colour: colourOf(span), lane: 'both' });
    return bar ? [bar] : [];
  });
  const spoken = spans.filter((span) => SPOKEN.includes(span.name)).map((span) => placeSpan(axis, span, nowMs));
  return [...before, ...spoken.filter((bar) => bar !== null)];
}

const STEPS: readonly Colour[] = ['transcription', 'reply', 'synthesis', 'retrieval'];
const SPOKEN: readonly string[] = [SpanName.userSpeech, SpanName.responseGap, SpanName.playout];

/** Both sides of the whole call and the waits between them, for the overview. */
export function listLaneBars(axis: TimeAxis, spans: Iterable<SpanView>, nowMs: number): Bar[] {
  return [...spans]
    .filter((span) => SPOKEN.includes(span.name))
    .sort((a, b) => a.startMs - b.startMs)
    .flatMap((span) => placeSpan(axis, span, nowMs) ?? []);
}
