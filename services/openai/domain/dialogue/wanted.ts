import type { DayRule, Wanted } from './date-words.ts';
import { findDay } from './day.ts';
import type { Finding, Language } from './pattern.ts';
import { findTime } from './time.ts';

const DAY_MS = 86_400_000;

/** Day and time asked for in one utterance; null when neither is named. */
export function findWanted(text: string, language: Language): Finding<Wanted> | null {
  const day = findDay(text, language);
  const time = findTime(day?.rest ?? text, language);
  if (!day && !time) return null;
  return { value: { day: day?.value ?? null, time: time?.value ?? null }, rest: time?.rest ?? day?.rest ?? text };
}

/** The newer mention over the older, each part by itself: "non, plutôt mercredi" keeps the hour. */
export function mergeWanted(older: Wanted | null, newer: Wanted): Wanted {
  return { day: newer.day ?? older?.day ?? null, time: newer.time ?? older?.time ?? null };
}

/** True when nothing is left to ask about when. */
export function isWantedComplete(wanted: Wanted): boolean {
  return wanted.day !== null && (wanted.time !== null || wanted.day.rule.kind === 'vague');
}

function resolveDate(rule: Extract<DayRule, { kind: 'date' }>, today: Date): Date | null {
  const year = rule.year ?? today.getUTCFullYear();
  const month = rule.month === null ? today.getUTCMonth() : rule.month - 1;
  const build = (y: number, m: number) => new Date(Date.UTC(y, m, rule.day));
  let found = build(year, month);
  if (found < today && rule.month === null) found = build(year, month + 1);
  else if (found < today && rule.year === null) found = build(year + 1, month);
  return found.getUTCDate() === rule.day ? found : null;
}

function resolveDay(rule: DayRule, today: Date): Date | null {
  const later = (days: number) => new Date(today.getTime() + days * DAY_MS);
  if (rule.kind === 'vague') return null;
  if (rule.kind === 'offset') return later(rule.days);
  if (rule.kind === 'date') return resolveDate(rule, today);
  const monday = (rule.weekday + 6) % 7;
  if (rule.inNextWeek) return later(7 - ((today.getUTCDay() + 6) % 7) + monday);
  const ahead = (rule.weekday - today.getUTCDay() + 7) % 7 || 7;
  return later(ahead + 7 * rule.weeks);
}

/** `YYYY-MM-DDTHH:mm` in the zone of `now` (a local date and time of the same shape); null when day or clock time is missing or vague, or no such date exists. */
export function resolveWanted(wanted: Wanted | null, now: string | null): string | null {
  if (!wanted?.day || wanted.time?.minutes === undefined || wanted.time.minutes === null || !now) return null;
  // Calendar arithmetic on the local date: UTC only serves as a calendar without summer time.
  const today = new Date(`${now.slice(0, 10)}T00:00:00Z`);
  const day = resolveDay(wanted.day.rule, today);
  if (!day) return null;
  const pad = (value: number) => String(value).padStart(2, '0');
  const { minutes } = wanted.time;
  return `${day.toISOString().slice(0, 10)}T${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
