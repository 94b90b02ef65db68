import { SEGMENTS, type SegmentName } from '../conventions/index.ts';

/** The instants of one wait, monotonic milliseconds; those in the middle may be missing. */
export type GapPoints = {
  /** The caller's speech ended. */
  readonly eosMs: number;
  /** The bot decided that it had. */
  readonly committedMs?: number | undefined;
  readonly transcribedMs?: number | undefined;
  readonly firstTokenMs?: number | undefined;
  readonly synthesisStartedMs?: number | undefined;
  readonly firstByteMs?: number | undefined;
  /** First audible media written. */
  readonly sentMs: number;
  /** It plays. */
  readonly playedMs: number;
};

/** A segment of the wait; `fromMs` and `toMs` are monotonic and contiguous over the seven. */
export type GapPart = { readonly segment: SegmentName; readonly fromMs: number; readonly toMs: number };

/**
 * Parts a wait into the seven segments, in order, without holes: together exactly the gap. A point that is missing, or
 * later than the first audible media, counts as nothing, and its time falls to the next known point; points out of order
 * are moved up to the one before.
 */
export function partitionGap(points: GapPoints): readonly GapPart[] {
  const { eosMs, playedMs } = points;
  const clamp = (atMs: number, fromMs: number) => Math.min(Math.max(atMs, fromMs), Math.max(playedMs, eosMs));
  const sentMs = clamp(points.sentMs, eosMs);
  const middle = [
    points.committedMs,
    points.transcribedMs,
    points.firstTokenMs,
    points.synthesisStartedMs,
    points.firstByteMs,
  ];
  let beforeMs = eosMs;
  const bounds = middle.map((atMs) => {
    if (atMs !== undefined && atMs <= sentMs) beforeMs = clamp(atMs, beforeMs);
    return beforeMs;
  });
  const all = [eosMs, ...bounds, sentMs, Math.max(playedMs, eosMs)];
  return SEGMENTS.map((segment, at) => ({ segment, fromMs: all[at] ?? eosMs, toMs: all[at + 1] ?? eosMs }));
}

/** The largest segment; the first of equals. */
export function criticalSegmentOf(parts: readonly GapPart[]): SegmentName | undefined {
  const lengthOf = (part: GapPart) => part.toMs - part.fromMs;
  const [first, ...others] = parts;
  return (
    first && others.reduce((largest, part) => (lengthOf(part) > lengthOf(largest) ? part : largest), first).segment
  );
}
