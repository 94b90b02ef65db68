const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const;

/** Days, hours, minutes and seconds, each at most once and in this order, as in Prometheus: `30s`, `5m`, `1h30m`, `30d`. */
export const DURATION_PATTERN = /^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+s)?$/;

/** @returns milliseconds; NaN where `text` is no duration */
export function parseDuration(text: string): number {
  if (!DURATION_PATTERN.test(text)) return Number.NaN;
  const parts = text.matchAll(/(\d+)([dhms])/g);
  return [...parts].reduce((sum, [, count, unit]) => {
    const [, factor] = UNITS.find(([name]) => name === unit) ?? ['', Number.NaN];
    return sum + Number(count) * factor;
  }, 0);
}

/**
 * The shortest text of a duration, as Prometheus, Alertmanager and the Collector read it: `5m`, `1h30m`, `0s`, `1500ms`.
 * @param durationMs whole milliseconds
 */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return '0s';
  let leftMs = durationMs;
  let text = '';
  for (const [unit, factor] of UNITS) {
    const count = Math.floor(leftMs / factor);
    // The Collector (Go) knows no days.
    if (count > 0 && unit !== 'd') text += `${count}${unit}`;
    if (unit !== 'd') leftMs -= count * factor;
  }
  return leftMs > 0 ? `${text}${leftMs}ms` : text;
}
