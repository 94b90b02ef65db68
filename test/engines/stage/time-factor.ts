/**
 * The one thing that tests on running engines change beside addresses, paths and secrets: every length of time in the
 * engines' files is this many times shorter (flush, scrape, evaluation, windows, `for`, cooldowns). Limits, shares and the
 * calls themselves stay as they are. A test may ask for another factor; one with calls may not, their lengths are real.
 */
export const TIME_FACTOR = 10;

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `5m` is `30000ms`: a length of time of Prometheus, Alertmanager or the Collector, shortened. */
export function shorten(duration: string, factor: number = TIME_FACTOR): string {
  const parts = [...duration.matchAll(/(\d+)(ms|[smhdw])/g)];
  if (parts.map(([part]) => part).join('') !== duration) throw new Error(`"${duration}" is no length of time`);
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS], 0);
  return ms === 0 ? '0s' : `${Math.max(1, Math.round(ms / factor))}ms`;
}

/** A PromQL expression with its windows shortened. Names of series hold windows too, and stay. */
export function shortenWindows(expr: string, factor: number = TIME_FACTOR): string {
  return expr.replace(/\[([\dmshdw]+)\]/g, (_, window: string) => `[${shorten(window, factor)}]`);
}

/** A value read from YAML with every length of time under one of `keys` shortened, however deep. */
export function shortenKeys(value: unknown, keys: ReadonlySet<string>, factor: number = TIME_FACTOR): unknown {
  if (Array.isArray(value)) return value.map((item) => shortenKeys(item, keys, factor));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const isTime = typeof inner === 'string' && keys.has(key);
      return [key, isTime ? shorten(inner, factor) : shortenKeys(inner, keys, factor)];
    }),
  );
}
