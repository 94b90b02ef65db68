import { Attr, SpanName } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { findText, findTurnIndex } from './attribute.ts';
import { findWorstGap, type Gap, isMeasured, listGaps } from './gap.ts';

/**
 * One turn of the caller in the ribbon. `measured`: its wait has a figure; `waiting`: the caller waits now; `open`: the turn goes
 * on and has no wait yet; `unmeasured`: there will be none, `reason` says why where it is known.
 */
export type TurnWait = {
  readonly turnIndex: number;
  /** What a click selects: the wait, else the turn. */
  readonly spanId: string;
} & (
  | { readonly state: 'measured'; readonly gap: Gap & { readonly durationMs: number } }
  | { readonly state: 'waiting'; readonly gap: Gap }
  | { readonly state: 'open' }
  | { readonly state: 'unmeasured'; readonly reason: string | null }
);

/** Every turn of the caller with its wait, in order; none for a call whose bot measures no waits. The greeting is no turn of the caller. */
export function listTurnWaits(spans: Iterable<SpanView>): TurnWait[] {
  const all = [...spans];
  const waits = new Map<number, TurnWait>();
  for (const span of all) {
    const turnIndex = findTurnIndex(span);
    if (span.name === SpanName.turn && turnIndex !== null && turnIndex > 0) waits.set(turnIndex, toUnmeasured(span));
  }
  const gaps = listGaps(all);
  const measures = gaps.length > 0 || [...waits.values()].some((wait) => wait.state === 'unmeasured' && wait.reason);
  if (!measures) return [];
  for (const gap of gaps) waits.set(gap.turnIndex, toWait(gap));
  return [...waits.values()].sort((a, b) => a.turnIndex - b.turnIndex);
}

function toWait(gap: Gap): TurnWait {
  const { turnIndex, spanId } = gap;
  if (isMeasured(gap)) return { turnIndex, spanId, state: 'measured', gap };
  if (gap.durationMs === null) return { turnIndex, spanId, state: 'waiting', gap };
  return { turnIndex, spanId, state: 'unmeasured', reason: null };
}

function toUnmeasured(turn: SpanView): TurnWait {
  const at = { turnIndex: findTurnIndex(turn) ?? 0, spanId: turn.spanId };
  const reason = findText(turn, Attr.turnUnmeasured);
  return turn.durationMs === null && reason === null
    ? { ...at, state: 'open' }
    : { ...at, state: 'unmeasured', reason };
}

/** The measured waits among some turns. */
export function listMeasured(waits: readonly TurnWait[]): Extract<TurnWait, { state: 'measured' }>[] {
  return waits.filter((wait) => wait.state === 'measured');
}

/** Place of the wait that is looked at among some: the selected one, else what goes on now, else the longest; -1 for none. */
export function findWaitInQuestion(waits: readonly TurnWait[], selectedId: string | null): number {
  const selected = waits.findIndex(({ spanId }) => spanId === selectedId);
  if (selected >= 0) return selected;
  const current = waits.findLastIndex(({ state }) => state === 'waiting' || state === 'open');
  if (current >= 0) return current;
  const worst = findWorstGap(listMeasured(waits).map(({ gap }) => gap));
  return waits.findIndex(({ spanId }) => spanId === worst?.spanId);
}
