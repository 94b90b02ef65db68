import { Attr, SpanName } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { findNumber, findText, findTurnIndex } from './attribute.ts';
import { findSpanWord, SEGMENT_NAMES, type SpanWord } from './span-word.ts';

/** How sure a measured wait is: on the line, from marks, from sending only, or not measured at all. */
export type GapSource = 'media_clock' | 'mark_ack' | 'send' | 'none';

/** One wait of the caller: `voice.response_gap`. Durations in milliseconds; `durationMs` is null while it goes on. */
export type Gap = {
  readonly spanId: string;
  readonly turnIndex: number;
  readonly durationMs: number | null;
  readonly source: GapSource;
  readonly uncertaintyMs: number | null;
  /** The segments that together are the gap, in order. */
  readonly segments: readonly GapSegment[];
};
export type GapSegment = { readonly word: SpanWord; readonly durationMs: number; readonly model: string | null };

const SOURCES: readonly string[] = ['media_clock', 'mark_ack', 'send', 'none'] satisfies GapSource[];

/** The certainty of a `voice.response_gap` span; one that names no source counts as from sending only. */
export function findGapSource(span: SpanView): GapSource {
  const source = findText(span, 'voice.gap.source') ?? 'send';
  return SOURCES.includes(source) ? (source as GapSource) : 'send';
}

/** Every wait of a call in order of turns; empty for a call whose bot does not measure it. */
export function listGaps(spans: Iterable<SpanView>): Gap[] {
  const all = [...spans];
  return all
    .filter((span) => span.name === SpanName.responseGap)
    .map((span) => ({
      spanId: span.spanId,
      turnIndex: findTurnIndex(span) ?? 0,
      durationMs: span.durationMs,
      source: findGapSource(span),
      uncertaintyMs: findNumber(span, 'voice.gap.uncertainty_ms'),
      segments: listSegments(all, span.spanId),
    }))
    .sort((a, b) => a.turnIndex - b.turnIndex);
}

function listSegments(spans: readonly SpanView[], gapSpanId: string): GapSegment[] {
  return SEGMENT_NAMES.flatMap((name) =>
    spans
      .filter((span) => span.parentSpanId === gapSpanId && span.name === name)
      .map((span) => ({
        word: findSpanWord(span) ?? 'wait',
        durationMs: span.durationMs ?? 0,
        model: findText(span, Attr.requestModel),
      })),
  );
}
