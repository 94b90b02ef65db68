import type { WorkingHours } from './model.ts';
import { findNearest } from './nearest.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Hours as the file writes them. */
export type FileHours = {
  readonly days: string;
  readonly from: string;
  readonly to: string;
  readonly time_zone: string;
};

/** `mon-fri` and `"08:00"` as numbers; a span of days may go over Sunday (`sat-mon`). */
export function resolveHours({ days, from, to, time_zone }: FileHours): WorkingHours {
  const chosen = new Set(days.split(',').flatMap(expandDays));
  return {
    days: [...chosen].sort((a, b) => a - b),
    fromMinute: minuteOf(from),
    toMinute: minuteOf(to),
    timeZone: time_zone,
  };
}

function expandDays(range: string): readonly number[] {
  const [first = '', last = first] = range.split('-');
  const start = DAYS.indexOf(first);
  const length = ((DAYS.indexOf(last) - start + 7) % 7) + 1;
  return Array.from({ length }, (_, index) => ((start + index) % 7) + 1);
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** @returns why no engine would know the zone; undefined where it is one */
export function explainTimeZone(zone: string): { readonly reason: string; readonly nearest?: string } | undefined {
  const reason = 'is no time zone of the IANA database';
  const known = Intl.supportedValuesOf('timeZone');
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    // Alertmanager and Prometheus look it up as a file: letters count.
    const isSpelledWrong = timeZone !== zone && timeZone.toLowerCase() === zone.toLowerCase();
    return isSpelledWrong ? { reason, nearest: timeZone } : undefined;
  } catch {
    const nearest =
      findNearest(zone, known) ?? known.find((name) => name.toLowerCase().endsWith(`/${zone.toLowerCase()}`));
    return { reason, ...(nearest ? { nearest } : {}) };
  }
}
