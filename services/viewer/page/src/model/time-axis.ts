import type { SpanView } from '../../../api/types.ts';
import type { Ends } from './ends.ts';
import { findSpanWord, isContainer } from './span-word.ts';

/** A stretch of time; both epoch milliseconds. */
export type Interval = { readonly fromMs: number; readonly toMs: number };
/** A stretch of the axis; `fromX` and `toX` are shares of its width, 0 to 1. A folded one shows no details. */
type Piece = Interval & { readonly fromX: number; readonly toX: number; readonly folded: boolean };
export type TimeAxis = Interval & { readonly pieces: readonly Piece[] };

/** Silence longer than this (milliseconds) folds into a mark. */
const FOLD_MS = 2000;
const FOLD_WIDTH = 0.05;
const FOLDS_WIDTH = 0.3;

/** When something was going on: the time of every span that does more than hold others. */
export function listBusyTimes(spans: Iterable<SpanView>, { endOf }: Ends): Interval[] {
  const all = [...spans];
  const parents = new Set(all.map((span) => span.parentSpanId));
  return all
    .filter((span) => !isContainer(span) && (findSpanWord(span) !== null || !parents.has(span.spanId)))
    .map((span) => ({ fromMs: span.startMs, toMs: endOf(span) }));
}

/** First start to last end of all spans. All epoch milliseconds; null where there is none. */
export function findExtent(spans: Iterable<SpanView>, { endOf }: Ends): Interval | null {
  let extent: Interval | null = null;
  for (const span of spans) {
    const end = endOf(span);
    extent = extent
      ? { fromMs: Math.min(extent.fromMs, span.startMs), toMs: Math.max(extent.toMs, end) }
      : { fromMs: span.startMs, toMs: end };
  }
  return extent;
}

/** An axis over `window` on which silence of more than `FOLD_MS` between busy times takes a small fixed width. */
export function createTimeAxis(window: Interval, busy: readonly Interval[]): TimeAxis {
  const toMs = Math.max(window.toMs, window.fromMs + 1);
  const stretches = splitBySilence({ fromMs: window.fromMs, toMs }, busy);
  const folds = stretches.filter((stretch) => stretch.folded).length;
  const foldX = folds === 0 ? 0 : Math.min(FOLD_WIDTH, FOLDS_WIDTH / folds);
  const openMs = stretches.reduce((sum, { fromMs, toMs, folded }) => sum + (folded ? 0 : toMs - fromMs), 0);
  const scale = openMs === 0 ? 0 : (1 - folds * foldX) / openMs;
  let x = 0;
  const pieces = stretches.map((stretch) => {
    const fromX = x;
    x += stretch.folded ? foldX : (stretch.toMs - stretch.fromMs) * scale;
    return { ...stretch, fromX, toX: x };
  });
  return { fromMs: window.fromMs, toMs, pieces };
}

function splitBySilence(window: Interval, busy: readonly Interval[]) {
  const stretches: (Interval & { readonly folded: boolean })[] = [];
  let openFrom = window.fromMs;
  let quietFrom = window.fromMs;
  const fold = (toMs: number) => {
    if (toMs - quietFrom <= FOLD_MS) return;
    if (quietFrom > openFrom) stretches.push({ fromMs: openFrom, toMs: quietFrom, folded: false });
    stretches.push({ fromMs: quietFrom, toMs, folded: true });
    openFrom = toMs;
  };
  for (const { fromMs, toMs } of [...busy].sort((a, b) => a.fromMs - b.fromMs)) {
    if (toMs <= window.fromMs || fromMs >= window.toMs) continue;
    fold(fromMs);
    quietFrom = Math.max(quietFrom, Math.min(toMs, window.toMs));
  }
  // Without any busy time the axis stays plain: there is nothing that a fold would bring closer.
  if (quietFrom > window.fromMs) fold(window.toMs);
  if (openFrom < window.toMs) stretches.push({ fromMs: openFrom, toMs: window.toMs, folded: false });
  return stretches;
}

/** Place of a moment on the axis as a share of its width, 0 to 1; outside moments go to the nearer end. @param atMs epoch milliseconds */
export function placeOf(axis: TimeAxis, atMs: number): number {
  if (atMs <= axis.fromMs) return 0;
  const piece = axis.pieces.find(({ toMs }) => atMs <= toMs);
  if (!piece) return 1;
  const share = (atMs - piece.fromMs) / (piece.toMs - piece.fromMs);
  return piece.fromX + share * (piece.toX - piece.fromX);
}
