/** What a moment is written with: the language and, in tests, a fixed zone. */
export type TimeStyle = { readonly locale: string; readonly timeZone?: string | undefined };

function formatWith(atMs: number, style: TimeStyle, options: Intl.DateTimeFormatOptions): string {
  const zone = style.timeZone === undefined ? {} : { timeZone: style.timeZone };
  return new Intl.DateTimeFormat(style.locale, { ...options, ...zone }).format(atMs);
}

/** Clock time with seconds, local: `14:03:22`. @param atMs epoch milliseconds */
function formatClock(atMs: number, style: TimeStyle): string {
  return formatWith(atMs, style, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
}

/** Whether two moments fall on the same local day. Both epoch milliseconds. */
export function isSameDay(aMs: number, bMs: number, style: TimeStyle): boolean {
  const day = (ms: number) => formatWith(ms, style, { year: 'numeric', month: 'numeric', day: 'numeric' });
  return day(aMs) === day(bMs);
}

/** Clock time today, day and clock time otherwise: `14:03:22`, `20 Nov, 14:03:22`. Both epoch milliseconds. */
export function formatWhen(atMs: number, nowMs: number, style: TimeStyle): string {
  const clock = formatClock(atMs, style);
  if (isSameDay(atMs, nowMs, style)) return clock;
  return `${formatWith(atMs, style, { day: 'numeric', month: 'short' })}, ${clock}`;
}

/** The exact moment with its zone: `Saturday 21 November 2026 at 14:03:22.417 UTC+1`. @param atMs epoch milliseconds */
export function formatExact(atMs: number, style: TimeStyle): string {
  return formatWith(atMs, style, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
}

/** How long ago in the largest fitting unit: `3 minutes ago`. Both epoch milliseconds. */
export function formatAgo(atMs: number, nowMs: number, style: TimeStyle): string {
  const words = new Intl.RelativeTimeFormat(style.locale, { numeric: 'always' });
  const s = Math.max(0, Math.round((nowMs - atMs) / 1000));
  if (s < 60) return words.format(-s, 'second');
  if (s < 3600) return words.format(-Math.floor(s / 60), 'minute');
  if (s < 86_400) return words.format(-Math.floor(s / 3600), 'hour');
  return words.format(-Math.floor(s / 86_400), 'day');
}
