import { Attr, SpanEvent, SpanName, type ThresholdLevel } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { findNumber, findText } from './attribute.ts';

/** From when on a wait is too long, milliseconds: `warningMs` is the target for the middle, `criticalMs` the limit of each. */
export const WAIT_LIMIT = { warningMs: 1115, criticalMs: 1400 } as const;

/** A limit that a span has, and by which level it was passed (null: it was kept). */
export type SpanLimit = { readonly limitMs: number; readonly level: ThresholdLevel | null };

/** How bad a wait is: what its span says, else by {@link WAIT_LIMIT}. @param said `voice.threshold.level`, null where there is none */
export function findWaitLevel(durationMs: number, said: string | null): ThresholdLevel | null {
  if (said === 'warning' || said === 'critical') return said;
  if (durationMs > WAIT_LIMIT.criticalMs) return 'critical';
  return durationMs > WAIT_LIMIT.warningMs ? 'warning' : null;
}

/** The level at which a span passed its limit (`voice.threshold.level`); an ended wait is measured against {@link WAIT_LIMIT}. */
export function findLevel(span: SpanView): ThresholdLevel | null {
  const said = findText(span, Attr.thresholdLevelOnSpan);
  if (span.name === SpanName.responseGap) return findWaitLevel(span.durationMs ?? 0, said);
  return said === 'warning' || said === 'critical' ? said : null;
}

/** The limit to draw beside a span's bar: that of its breach, and always one for a wait. Null where none is known. */
export function findLimit(span: SpanView): SpanLimit | null {
  const level = findLevel(span);
  const breaches = span.events.filter((event) => event.name === SpanEvent.thresholdBreached);
  const breach = breaches.find((event) => event.attributes[Attr.thresholdLevel] === level) ?? breaches[0];
  const limitMs = breach ? findNumber(breach, Attr.thresholdLimitMs) : null;
  if (limitMs !== null) return { limitMs, level };
  if (span.name !== SpanName.responseGap) return null;
  return { limitMs: level === 'warning' ? WAIT_LIMIT.warningMs : WAIT_LIMIT.criticalMs, level };
}
