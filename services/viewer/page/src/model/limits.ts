import { Attr, SpanEvent, SpanName, Stage, type ThresholdLevel } from 'callspan/conventions';
import thresholds from '../../../../../thresholds/generated/page.generated.json' with { type: 'json' };
import type { SpanView } from '../../../api/types.ts';
import { findNumber, findText } from './attribute.ts';

/** A row of the thresholds, milliseconds: `warningMs` is a target, `criticalMs` the limit. Without `provider` it is for all that have no row. */
export type LimitRow = {
  readonly stage: string;
  readonly provider?: string | undefined;
  readonly warningMs: number;
  readonly criticalMs: number;
};

/** A limit that a span has, and by which level it was passed (null: it was kept). */
export type SpanLimit = { readonly limitMs: number; readonly level: ThresholdLevel | null };

const ROWS: readonly LimitRow[] = thresholds.limits;

/** From when on a wait is too long, milliseconds; null where the thresholds say nothing of waits. */
export const WAIT_LIMIT: LimitRow | null = findLimitRow(ROWS, Stage.responseGap, null);

/** How bad a wait is: what its span says, else by {@link WAIT_LIMIT}. @param said `voice.threshold.level`, null where there is none */
export function findWaitLevel(durationMs: number, said: string | null): ThresholdLevel | null {
  return toLevel(said) ?? levelOf(WAIT_LIMIT, durationMs);
}

/**
 * The level at which a span has passed its limit: what it says (`voice.threshold.level`), else by the thresholds.
 * @param elapsedMs how long a span that goes on has taken by now
 */
export function findLevel(span: SpanView, elapsedMs = 0): ThresholdLevel | null {
  return toLevel(findText(span, Attr.thresholdLevelOnSpan)) ?? levelOf(rowOf(span), span.durationMs ?? elapsedMs);
}

/** The limit to draw beside a span's bar: that of its breach, else by the thresholds. Null where its stage has none. @param elapsedMs as in {@link findLevel} */
export function findLimit(span: SpanView, elapsedMs = 0): SpanLimit | null {
  const level = findLevel(span, elapsedMs);
  const breaches = span.events.filter((event) => event.name === SpanEvent.thresholdBreached);
  const breach = breaches.find((event) => event.attributes[Attr.thresholdLevel] === level) ?? breaches[0];
  const limitMs = breach ? findNumber(breach, Attr.thresholdLimitMs) : null;
  if (limitMs !== null) return { limitMs, level };
  const row = rowOf(span);
  return row && { limitMs: level === 'warning' ? row.warningMs : row.criticalMs, level };
}

function rowOf(span: SpanView): LimitRow | null {
  const stage = span.name === SpanName.responseGap ? Stage.responseGap : findText(span, Attr.stage);
  return stage === null ? null : findLimitRow(ROWS, stage, findText(span, Attr.providerName));
}

/** The row of a stage for a provider: its own, else the one for all. @param provider null where none is behind the span */
export function findLimitRow(rows: readonly LimitRow[], stage: string, provider: string | null): LimitRow | null {
  const found = rows.filter((row) => row.stage === stage);
  const own = provider === null ? undefined : found.find((row) => row.provider === provider);
  return own ?? found.find((row) => row.provider === undefined) ?? null;
}

function levelOf(row: LimitRow | null, durationMs: number): ThresholdLevel | null {
  if (!row) return null;
  if (durationMs > row.criticalMs) return 'critical';
  return durationMs > row.warningMs ? 'warning' : null;
}

function toLevel(said: string | null): ThresholdLevel | null {
  return said === 'warning' || said === 'critical' ? said : null;
}
