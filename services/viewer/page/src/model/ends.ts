import { Attr, SpanName, Stage } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { findText } from './attribute.ts';

/** Where bars end. */
export type Ends = {
  /** Epoch milliseconds: its end; for an open span now, or where the span that holds it ended. */
  endOf(span: SpanView): number;
  /** Whether it goes on and its bar grows. */
  isGrowing(span: SpanView): boolean;
};

/** Work that may rightly outlast the turn that caused it. */
const OUTLASTS: readonly (string | null)[] = [Stage.extraction, Stage.save];

/** Ends of a call's spans. @param nowMs epoch milliseconds up to which open spans are drawn */
export function createEnds(
  spans: ReadonlyMap<string, SpanView>,
  { nowMs, isLive }: { readonly nowMs: number; readonly isLive: boolean },
): Ends {
  const findCut = (span: SpanView): number | null => {
    let at = span;
    // A damaged trace may name its parents in a circle.
    for (let steps = 0; steps <= spans.size; steps++) {
      if (isLive && OUTLASTS.includes(findText(at, Attr.stage))) return null;
      const parent = spans.get(at.parentSpanId ?? '');
      // The webhook is answered in milliseconds; what it began goes on without it.
      if (!parent || parent.name === SpanName.webhookVoice) return null;
      if (parent.durationMs !== null) return parent.startMs + parent.durationMs;
      at = parent;
    }
    return null;
  };
  return {
    endOf(span) {
      if (span.durationMs !== null) return span.startMs + span.durationMs;
      return Math.max(span.startMs, Math.min(nowMs, findCut(span) ?? nowMs));
    },
    isGrowing: (span) => isLive && span.durationMs === null && findCut(span) === null,
  };
}
