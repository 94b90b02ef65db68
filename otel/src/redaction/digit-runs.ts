import { ANY_PLACEHOLDER } from './placeholders.ts';
import { MONTHS } from './word-lists.ts';

const DASH = '[-\\u2010-\\u2015]';
/** What has digits in a row and is no number of somebody. */
const EXEMPT = [
  ANY_PLACEHOLDER,
  `\\b\\d{4}${DASH}\\d{2}${DASH}\\d{2}(?:[T ]\\d{2}:\\d{2})?\\b`,
  '\\b\\d{1,2}[/.\\-\\u2010-\\u2015]\\d{1,2}[/.\\-\\u2010-\\u2015](?:19|20)\\d{2}\\b',
  `\\b(?:19|20)\\d{2}\\s?${DASH}\\s?(?:19|20)\\d{2}\\b`,
  `\\b\\d{1,2}(?:er|e|st|nd|rd|th)?\\s(?:of\\s)?${MONTHS}[\\s,]{1,2}(?:19|20)\\d{2}\\b`,
  `(?<!\\p{L})${MONTHS}\\s(?:the\\s)?\\d{1,2}(?:st|nd|rd|th)?[\\s,]{1,2}(?:19|20)\\d{2}\\b`,
].join('|');

/** Transcribers write the pauses between groups as commas, full stops, dashes and ellipses. */
const PAUSE = '[\\s.,…·\\-\\u060c\\u200b-\\u200d\\u2010-\\u2015\\u2212\\u3001\\u3002\\uff0c\\uff0e]{0,4}';
/** So many digits in a row are a number of somebody. */
const MIN_DIGITS = 5;
const DIGIT_RUN = new RegExp(`(${EXEMPT})|\\p{Nd}(?:${PAUSE}(?!${EXEMPT})\\p{Nd}){${MIN_DIGITS - 1},}`, 'giu');

/** Replaces any five digits in a row, however they are punctuated; dates stay, and small counts that go up evenly. */
export function replaceDigitRuns(text: string): string {
  return text.replace(DIGIT_RUN, (run: string, exempt?: string) => exempt ?? (isCounting(run) ? run : '<number>'));
}

/** "10, 11, 12" and "10, 20, 30": no group has a zero in front, none three figures, each is as far from the one before it. */
function isCounting(run: string): boolean {
  if (!/^[1-9]\d?(?:, [1-9]\d?){2,4}$/.test(run)) return false;
  const counts = run.split(', ').map(Number);
  const step = (counts[1] ?? 0) - (counts[0] ?? 0);
  // One figure each is how a code is said: "1, 2, 3, 4, 5".
  if (step <= 0 || (counts.at(-1) ?? 0) < 10) return false;
  return counts.every((count, at) => at === 0 || count - (counts[at - 1] ?? 0) === step);
}
