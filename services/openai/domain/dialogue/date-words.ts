import type { Language } from './pattern.ts';

/** How a caller names a day. `weeks` = whole weeks later than the plain meaning; month 1-12. */
export type DayRule =
  | { readonly kind: 'weekday'; readonly weekday: number; readonly weeks: number; readonly inNextWeek: boolean }
  | { readonly kind: 'offset'; readonly days: number }
  | { readonly kind: 'date'; readonly day: number; readonly month: number | null; readonly year: number | null }
  | { readonly kind: 'vague' };

/** A day with the caller's own words for it. */
export type DayMention = { readonly words: string; readonly rule: DayRule };

/** A time with the caller's own words; `minutes` after midnight, null when no clock time follows from them ("morning"). */
export type TimeMention = { readonly words: string; readonly minutes: number | null };

/** What was said about when; either part may come alone. */
export type Wanted = { readonly day: DayMention | null; readonly time: TimeMention | null };

/** Sunday first, as in `Date`. */
export const WEEKDAYS: Readonly<Record<Language, readonly string[]>> = {
  fr: ['dimanche', 'lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi'],
  en: ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'],
};

/** January first. */
export const MONTHS: Readonly<Record<Language, readonly string[]>> = {
  fr: 'janvier février mars avril mai juin juillet août septembre octobre novembre décembre'.split(' '),
  en: 'january february march april may june july august september october november december'.split(' '),
};

/** The caller's words, day before time. */
export function wantedWords(wanted: Wanted): string {
  return [wanted.day?.words, wanted.time?.words].filter(Boolean).join(' ');
}
