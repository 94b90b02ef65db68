import { Attr, type GapSource, SEGMENTS, SpanName, type ThresholdLevel } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { findNumber, findText, findTurnIndex } from './attribute.ts';
import { findLevel } from './limits.ts';
import { findSpanWord, SEGMENT_NAMES, SEGMENT_WORDS, type SpanWord } from './span-word.ts';

/** One wait of the caller: `voice.response_gap`. Durations in milliseconds; `durationMs` is null while it goes on. */
export type Gap = {
  readonly spanId: string;
  readonly turnIndex: number;
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly durationMs: number | null;
  readonly source: GapSource;
  readonly uncertaintyMs: number | null;
  readonly level: ThresholdLevel | null;
  /** Where a filler ("one moment") ended the wait: how long the real answer took, null where that is not known or there was none. */
  readonly substantiveMs: number | null;
  /** The segments that together are the gap, in order. */
  readonly segments: readonly GapSegment[];
};
export type GapSegment = {
  readonly spanId: string;
  readonly word: SpanWord;
  readonly startMs: number;
  readonly durationMs: number;
  readonly model: string | null;
};

const SOURCES: readonly string[] = ['media_clock', 'mark_ack', 'send', 'none'] satisfies GapSource[];

/** The certainty of a wait by its `voice.gap.source`; one that names none counts as from sending only. */
export function toGapSource(source: string | null): GapSource {
  return source !== null && SOURCES.includes(source) ? (source as GapSource) : 'send';
}

/** The certainty of a `voice.response_gap` span. */
export function findGapSource(span: SpanView): GapSource {
  return toGapSource(findText(span, Attr.gapSource));
}

/** Whether a wait has a figure: it has ended, and was measured in some way. */
export function isMeasured(gap: Gap): gap is Gap & { readonly durationMs: number } {
  return gap.durationMs !== null && gap.source !== 'none';
}

/** The longest measured wait, null for none. */
export function findWorstGap(gaps: readonly Gap[]): (Gap & { readonly durationMs: number }) | null {
  return gaps
    .filter(isMeasured)
    .reduce<(Gap & { readonly durationMs: number }) | null>(
      (worst, gap) => (worst === null || gap.durationMs > worst.durationMs ? gap : worst),
      null,
    );
}

/** The largest segment of a wait, null where all are empty. */
export function findLargestSegment(gap: Gap): GapSegment | null {
  return gap.segments.reduce<GapSegment | null>((a, b) => (b.durationMs > (a?.durationMs ?? 0) ? b : a), null);
}

/** Every wait of a call in order of turns; empty for a call whose bot does not measure it. */
export function listGaps(spans: Iterable<SpanView>): Gap[] {
  const all = [...spans];
  return all
    .filter((span) => span.name === SpanName.responseGap)
    .map((span) => toGap(span, all))
    .sort((a, b) => a.turnIndex - b.turnIndex || a.startMs - b.startMs);
}

function toGap(span: SpanView, all: readonly SpanView[]): Gap {
  return {
    spanId: span.spanId,
    turnIndex: findTurnIndex(span) ?? 0,
    startMs: span.startMs,
    durationMs: span.durationMs,
    source: findGapSource(span),
    uncertaintyMs: findNumber(span, Attr.gapUncertaintyMs),
    level: findLevel(span),
    substantiveMs: findNumber(span, Attr.gapSubstantiveMs),
    segments: listSegments(all, span.spanId),
  };
}

function listSegments(spans: readonly SpanView[], gapSpanId: string): GapSegment[] {
  const children = spans.filter((span) => span.parentSpanId === gapSpanId);
  return SEGMENT_NAMES.flatMap((name) =>
    children
      .filter((span) => span.name === name)
      .map((span) => ({
        spanId: span.spanId,
        word: findSpanWord(span) ?? 'wait',
        startMs: span.startMs,
        durationMs: span.durationMs ?? 0,
        model: findText(span, Attr.requestModel),
      })),
  );
}

/** The plain word of a segment by its name in telemetry (`voice.turn.critical_segment`), null for an unknown one. */
export function findSegmentWord(segment: string | null): SpanWord | null {
  const known = SEGMENTS.find((name) => name === segment);
  return known ? SEGMENT_WORDS[known] : null;
}
