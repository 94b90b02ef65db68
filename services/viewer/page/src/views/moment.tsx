import { useWords } from '../data/page-context.ts';
import { formatAgo, formatExact, formatWhen, isSameDay } from '../format/time.ts';

/** A moment in local time; hovering shows it exactly, with its zone and how long ago. @param atMs epoch milliseconds */
export function Moment({ atMs, saysToday = false }: { readonly atMs: number; readonly saysToday?: boolean }) {
  const words = useWords();
  const nowMs = Date.now();
  const today = saysToday && isSameDay(atMs, nowMs, words) ? `${words.call.today} ` : '';
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={`${formatExact(atMs, words)} · ${formatAgo(atMs, nowMs, words)}`}
    >
      {today}
      {formatWhen(atMs, nowMs, words)}
    </time>
  );
}
