import { SpanName } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { findTurnIndex } from './attribute.ts';
import type { CallData } from './call-data.ts';
import { buildCallTree, type CallNode } from './call-tree.ts';
import { createEnds, type Ends } from './ends.ts';
import { isEnvelope } from './envelope.ts';
import { findWorstGap, listGaps } from './gap.ts';
import { listRows, type Row } from './rows.ts';
import { createTimeAxis, findExtent, type Interval, listBusyTimes, type TimeAxis } from './time-axis.ts';
import { isNodeOpen, listAncestors, type ViewState } from './view-state.ts';

/** All that the waterfall draws. */
export type Picture = {
  readonly rows: readonly Row[];
  readonly selected: Row | null;
  /** Of the whole call, for the overview. */
  readonly callAxis: TimeAxis;
  /** Of the rows: the whole call, or the turn that is zoomed to. */
  readonly axis: TimeAxis;
  /** Epoch milliseconds of offset 0. */
  readonly originMs: number;
  readonly ends: Ends;
};

/** Who looks: `nowMs` epoch milliseconds; `preselects`: whether the worst row is selected before a person selects one. */
export type Onlooker = { readonly nowMs: number; readonly preselects: boolean };

/** The picture of a call for what a person chose; null while nothing of the call has arrived. */
export function createPicture(data: CallData, state: ViewState, { nowMs, preselects }: Onlooker): Picture | null {
  const isLive = data.summary.state === 'live';
  const ends = createEnds(data.spans, { nowMs, isLive });
  const known = findExtent(data.spans.values(), ends);
  if (!known) return null;
  const extent = isLive ? roundUp(known) : known;
  const roots = buildCallTree({ spans: data.spans, raw: state.raw, logs: listShownLogs(data, state) });
  const worst = findWorst(data);
  const turnInQuestion = findTurnInQuestion(data, worst);
  const rows = listRows(roots, (node) => isNodeOpen(state, node, turnInQuestion));
  const selectedId = state.selectedId ?? (preselects ? worst?.spanId : undefined);
  const selected = rows.find((row) => row.node.id === selectedId) ?? null;
  // What is still to come of a live call is room to grow into, not silence.
  const busyTimes = listBusyTimes(data.spans.values(), ends);
  // Nor is the time since the last step: a caller may be speaking in it, and nothing tells of that yet.
  const quietFromMs = busyTimes.reduce((latestMs, { toMs }) => Math.max(latestMs, toMs), known.fromMs);
  const busy = [...busyTimes, { fromMs: isLive ? Math.min(quietFromMs, known.toMs) : known.toMs, toMs: extent.toMs }];
  const callAxis = createTimeAxis(extent, busy);
  const turn = state.zoomed ? findTurnOf(rows, selected, turnInQuestion) : null;
  const axis = turn ? createTimeAxis(findTurnExtent(turn, ends), busy) : callAxis;
  return { rows, selected, callAxis, axis, originMs: turn ? axis.fromMs : extent.fromMs, ends };
}

function listShownLogs({ logs }: CallData, state: ViewState) {
  if (!state.logs) return [];
  return state.raw ? logs : logs.filter((line) => !isEnvelope(line));
}

/** The next round end: bars then grow into free room, instead of all others shrinking with each redraw. */
function roundUp({ fromMs, toMs }: Interval): Interval {
  const elapsedMs = toMs - fromMs;
  const stepMs = elapsedMs < 60_000 ? 10_000 : 30_000;
  return { fromMs, toMs: fromMs + Math.ceil((elapsedMs + 500) / stepMs) * stepMs };
}

/** The span that answers "where did the time go": the largest segment of the longest wait, else the slowest step. Null while live. */
function findWorst(data: CallData): SpanView | null {
  if (data.summary.state === 'live') return null;
  const gap = findWorstGap(listGaps(data.spans.values()));
  if (!gap) return data.spans.get(data.summary.worstStage?.spanId ?? '') ?? null;
  const segments = [...data.spans.values()].filter((span) => span.parentSpanId === gap.spanId);
  const longest = segments.sort((a, b) => (b.durationMs ?? 0) - (a.durationMs ?? 0))[0];
  return longest ?? data.spans.get(gap.spanId) ?? null;
}

function findTurnInQuestion(data: CallData, worst: SpanView | null): string | null {
  const turns = [...data.spans.values()].filter((span) => span.name === SpanName.turn);
  if (data.summary.state === 'live') return turns.sort((a, b) => b.startMs - a.startMs)[0]?.spanId ?? null;
  const index = worst && findTurnIndex(worst);
  return turns.find((turn) => findTurnIndex(turn) === index)?.spanId ?? null;
}

function findTurnOf(rows: readonly Row[], selected: Row | null, turnInQuestion: string | null): CallNode | null {
  const around = selected ? [selected, ...listAncestors(rows, selected.node.id)] : [];
  const turn = around.find(({ node }) => node.kind === 'turn');
  if (turn || selected) return turn?.node ?? null;
  return rows.find(({ node }) => node.id === turnInQuestion)?.node ?? null;
}

function findTurnExtent(turn: CallNode, ends: Ends): Interval {
  const spans = listSpans(turn);
  const extent = findExtent(spans, ends) ?? { fromMs: 0, toMs: 0 };
  const marginMs = (extent.toMs - extent.fromMs) * 0.01;
  return { fromMs: extent.fromMs, toMs: extent.toMs + marginMs };
}

function listSpans(node: CallNode): SpanView[] {
  const spans: SpanView[] = [];
  const pending = [node];
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (next.kind !== 'log') spans.push(next.span);
    pending.push(...next.children);
  }
  return spans;
}

/** Ids of the spans that hold a span, from the nearest outward; none for what is no span. */
export function listHolders(spans: ReadonlyMap<string, SpanView>, spanId: string): string[] {
  const holders: string[] = [];
  for (let at = spans.get(spanId)?.parentSpanId ?? null; at !== null && !holders.includes(at); ) {
    holders.push(at);
    at = spans.get(at)?.parentSpanId ?? null;
  }
  return holders;
}

/** How many spans name a parent that has not arrived. */
export function countOrphans(spans: ReadonlyMap<string, SpanView>): number {
  let count = 0;
  for (const { parentSpanId } of spans.values()) if (parentSpanId !== null && !spans.has(parentSpanId)) count++;
  return count;
}

/** The service that took the call: its rows need not name it. */
export function findHomeService(spans: Iterable<SpanView>): string {
  let home: SpanView | null = null;
  for (const span of spans) {
    if (span.name === SpanName.call) return span.service;
    if (home === null || span.startMs < home.startMs) home = span;
  }
  return home?.service ?? '';
}
