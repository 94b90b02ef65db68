import type { Envelope } from './envelope.ts';
import { placeOf, type TimeAxis } from './time-axis.ts';

/** Columns over the whole axis: finer than this is not seen on a laptop. */
export const WAVE_COLUMNS = 720;

/** The loudness of one side along an axis, 0 to 100 for each of {@link WAVE_COLUMNS}: the loudest step that falls into a column. */
export function listColumns(axis: TimeAxis, envelopes: readonly Envelope[], side: 'caller' | 'bot'): number[] {
  const columns = new Array<number>(WAVE_COLUMNS).fill(0);
  for (const { startMs, stepMs, [side]: voice } of envelopes) {
    voice.loudness.forEach((loud, step) => {
      const fromMs = startMs + step * stepMs;
      if (loud === 0 || fromMs + stepMs <= axis.fromMs) return;
      const first = Math.floor(placeOf(axis, fromMs) * WAVE_COLUMNS);
      const last = Math.max(first + 1, Math.ceil(placeOf(axis, fromMs + stepMs) * WAVE_COLUMNS));
      for (let at = first; at < last && at < WAVE_COLUMNS; at++) columns[at] = Math.max(columns[at] ?? 0, loud);
    });
  }
  return columns;
}

/** The wave as an SVG path in a box of {@link WAVE_COLUMNS} by 100, mirrored about its middle; empty for silence. */
export function toWavePath(columns: readonly number[]): string {
  return columns.map((loud, at) => (loud === 0 ? '' : `M${at} ${50 - loud / 2}h1v${loud}h-1z`)).join('');
}
