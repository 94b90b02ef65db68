import { Attr, SpanName } from 'callspan/conventions';
import type { LogLine, SpanView } from '../../../api/types.ts';
import { findTurnIndex } from './attribute.ts';
import { findSpanWord, SEGMENT_NAMES } from './span-word.ts';

/** One row's content and what opens under it. Children are in order of time. */
export type CallNode =
  | { readonly kind: 'turn' | 'span'; readonly id: string; readonly span: SpanView; readonly children: CallNode[] }
  | { readonly kind: 'log'; readonly id: string; readonly log: LogLine; readonly children: CallNode[] };

export type TreeInput = {
  readonly spans: ReadonlyMap<string, SpanView>;
  /** Log lines to show in line, none when they are switched off. */
  readonly logs: readonly LogLine[];
  /** True: every span of every service under its real parent. False: what a caller or a bot did, plumbing left out. */
  readonly raw: boolean;
};

/** Epoch milliseconds at which a row's bar or mark begins. */
function startOf(node: CallNode): number {
  return node.kind === 'log' ? node.log.timeMs : node.span.startMs;
}

/** The call as rows that open: turns, their spans, and log lines beside them. A span whose parent is unknown becomes a root. */
export function buildCallTree(input: TreeInput): CallNode[] {
  const nodes = new Map<string, CallNode>();
  const roots: CallNode[] = [];
  for (const span of input.spans.values()) {
    if (!input.raw && isPlumbing(span)) continue;
    nodes.set(span.spanId, {
      kind: span.name === SpanName.turn ? 'turn' : 'span',
      id: span.spanId,
      span,
      children: [],
    });
  }
  const shown = (spanId: string | null) => findShownAncestor(spanId, nodes, input);
  const turns = indexTurns(nodes);
  for (const node of nodes.values()) {
    if (node.kind === 'log') continue;
    // Silence is a span of the call, but it happened to the caller within a turn.
    const turn = !input.raw && node.span.name === SpanName.deadAir && turns.get(findTurnIndex(node.span) ?? -1);
    ((turn || shown(node.span.parentSpanId))?.children ?? roots).push(node);
  }
  const nameLog = createLogNames();
  for (const log of input.logs) {
    const home = shown(log.spanId) ?? turns.get(findTurnIndex(log) ?? -1);
    (home?.children ?? roots).push({ kind: 'log', id: nameLog(log), log, children: [] });
  }
  for (const node of nodes.values()) node.children.sort(compareNodes);
  return roots.sort(compareNodes);
}

/** Ids of log lines by what they say: a place in the list would be another line's as soon as an older one comes. */
function createLogNames(): (log: LogLine) => string {
  const counts = new Map<string, number>();
  return ({ timeMs, spanId, eventName, body }) => {
    const id = `log-${timeMs.toString(36).replace('.', '-')}-${hashText(`${spanId} ${eventName} ${body}`)}`;
    const count = counts.get(id) ?? 0;
    counts.set(id, count + 1);
    return count === 0 ? id : `${id}-${count}`;
  };
}

// FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
function hashText(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}

function findShownAncestor(spanId: string | null, nodes: ReadonlyMap<string, CallNode>, input: TreeInput) {
  let at = spanId;
  // A damaged trace may name its parents in a circle.
  for (let steps = 0; at !== null && steps <= input.spans.size; steps++) {
    const span = input.spans.get(at);
    if (!span) return undefined;
    const isRootOfCall = !input.raw && span.name === SpanName.webhookVoice;
    if (isRootOfCall) return undefined;
    const node = nodes.get(at);
    if (node) return node;
    at = span.parentSpanId;
  }
  return undefined;
}

function indexTurns(nodes: ReadonlyMap<string, CallNode>): ReadonlyMap<number, CallNode> {
  const turns = new Map<number, CallNode>();
  for (const node of nodes.values()) {
    if (node.kind === 'turn') turns.set(findTurnIndex(node.span) ?? -1, node);
  }
  return turns;
}

function isPlumbing(span: SpanView): boolean {
  if (span.name === SpanName.call) return true;
  if (isEmptySegment(span)) return true;
  if (findSpanWord(span) !== null || span.status === 'error') return false;
  const isRequestOut = span.kind === 'client' && Attr.httpMethod in span.attributes;
  return isRequestOut || (span.scope ?? '').includes('instrumentation-express');
}

/** A part of a wait that took no time: each wait has all seven, of which some did not happen. */
function isEmptySegment(span: SpanView): boolean {
  return SEGMENT_NAMES.includes(span.name) && span.durationMs !== null && span.durationMs < 0.5;
}

const FIRST_IN_TURN: readonly string[] = [SpanName.userSpeech, SpanName.responseGap, ...SEGMENT_NAMES];

function rankOf(node: CallNode): number {
  if (node.kind === 'log') return FIRST_IN_TURN.length + 1;
  const rank = FIRST_IN_TURN.indexOf(node.span.name);
  return rank < 0 ? FIRST_IN_TURN.length : rank;
}

function compareNodes(a: CallNode, b: CallNode): number {
  return startOf(a) - startOf(b) || rankOf(a) - rankOf(b);
}
