/** How figures are written in one language. */
export type NumberStyle = { readonly decimal: string };

/**
 * A duration with three significant digits at most and its unit: `87 ms`, `1.42 s`, `3 min 12 s`, `1 h 4 min`.
 * @param durationMs milliseconds; negative values are written as 0
 */
export function formatDuration(durationMs: number, style: NumberStyle): string {
  const ms = Math.max(0, durationMs);
  if (ms === 0) return '0 ms';
  if (ms < 9.95) return `${formatDigits(ms, ms < 0.995 ? 2 : 1, style)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const s = ms / 1000;
  if (s < 9.995) return `${formatDigits(s, 2, style)} s`;
  if (s < 59.95) return `${formatDigits(s, 1, style)} s`;
  const wholeS = Math.round(s);
  if (wholeS < 3600) return `${Math.floor(wholeS / 60)} min ${wholeS % 60} s`;
  const wholeMin = Math.round(s / 60);
  return `${Math.floor(wholeMin / 60)} h ${wholeMin % 60} min`;
}

/** A duration in whole units, for marks with little room: `14 s`, `2 min`. @param durationMs milliseconds */
export function formatShortDuration(durationMs: number): string {
  const s = Math.round(Math.max(0, durationMs) / 1000);
  if (s < 100) return `${s} s`;
  const min = Math.round(s / 60);
  return min < 100 ? `${min} min` : `${Math.round(min / 60)} h`;
}

/** A bare number of seconds for a dense row of figures whose unit stands beside it: `0.81`. @param durationMs milliseconds */
export function formatSeconds(durationMs: number, style: NumberStyle): string {
  const s = Math.max(0, durationMs) / 1000;
  return formatDigits(s, s < 9.995 ? 2 : 1, style);
}

/** A place on a time axis in seconds or minutes from its origin: `0 s`, `2.5 s`, `1:30`. @param offsetMs milliseconds */
export function formatOffset(offsetMs: number, style: NumberStyle): string {
  const ms = Math.round(offsetMs);
  if (Math.abs(ms) >= 60_000) {
    const s = Math.round(Math.abs(ms) / 1000);
    return `${ms < 0 ? '-' : ''}${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
  }
  if (ms !== 0 && Math.abs(ms) < 1000) return `${ms} ms`;
  return `${String(ms / 1000).replace('.', style.decimal)} s`;
}

function formatDigits(value: number, digits: number, style: NumberStyle): string {
  // Halves go up as people expect; `1.115.toFixed(2)` alone gives 1.11, because 1.115 is a little less in binary.
  const scale = 10 ** digits;
  return (Math.round(value * scale + 1e-9) / scale).toFixed(digits).replace('.', style.decimal);
}
