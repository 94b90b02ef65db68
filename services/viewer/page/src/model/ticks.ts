import { placeOf, type TimeAxis } from './time-axis.ts';

/** A figure on the axis: `x` as a share of its width, `offsetMs` milliseconds after the origin. */
export type Tick = { readonly x: number; readonly offsetMs: number };

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  1_800_000, 3_600_000,
];

/** Round moments along the axis, at most about `count`, none inside a fold and none on top of another. @param originMs epoch milliseconds of offset 0 */
export function listTicks(axis: TimeAxis, originMs: number, count: number): Tick[] {
  const openMs = axis.pieces.reduce((sum, piece) => sum + (piece.folded ? 0 : piece.toMs - piece.fromMs), 0);
  const stepMs = STEPS_MS.find((step) => openMs / step <= count) ?? 3_600_000;
  const ticks: Tick[] = [];
  for (const piece of axis.pieces) {
    if (piece.folded) continue;
    const first = Math.ceil((piece.fromMs - originMs) / stepMs) * stepMs;
    for (let offsetMs = first; originMs + offsetMs <= piece.toMs; offsetMs += stepMs) {
      const x = placeOf(axis, originMs + offsetMs);
      const previous = ticks.at(-1);
      const isCrowded = previous !== undefined && x - previous.x < 0.7 / count;
      // Its figure stands to the right of it.
      const hasRoom = x <= 1 - 0.5 / count;
      if (!isCrowded && hasRoom) ticks.push({ x, offsetMs });
    }
  }
  return ticks;
}
