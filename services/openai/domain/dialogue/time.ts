import type { TimeMention } from './date-words.ts';
import { createWords, type Finding, type Language, MASK, maskAt, trimPhrase } from './pattern.ts';
import { numberSource, parseNumber } from './spoken-numbers.ts';

const FR = numberSource('fr');
const EN = numberSource('en');

const FR_PART = "(?: (?<part>du matin|du soir|de l'après-midi))";
const EN_PART = '(?: ?(?<part>a\\.?m\\.?|p\\.?m\\.?|in the (?:morning|afternoon|evening)|at night|tonight))';

/** Most telling first. Groups: hour, minute, shift, fixed, part. */
const CLOCK: Readonly<Record<Language, readonly RegExp[]>> = {
  fr: [
    createWords(
      `(?:(?:à|vers|dès|pour|avant|après) )?(?<!(?:depuis|pendant|dans|durant) )(?<hour>${FR}) ?(?:heures?|h)(?: ?(?<shift>et demie?|et quart|moins le quart)| ?(?<minute>moins (?:${FR})|\\d{2}|(?!une? )${FR}))?${FR_PART}?`,
    ),
    createWords(`(?:(?:à|vers) )?(?<hour>\\d{1,2}):(?<minute>\\d{2})`),
    createWords(`(?:(?:à|vers) )?(?<fixed>midi|minuit)(?: (?<shift>et demie?|et quart|moins le quart))?`),
  ],
  en: [
    createWords(
      `(?:(?:at|around|about|by) )?(?<shift>half past|(?:a )?quarter past|(?:a )?quarter to|(?:${EN})(?: minutes)? (?:past|to)) (?<hour>${EN})${EN_PART}?`,
    ),
    createWords(`(?:(?:at|around|about|by) )?(?<hour>\\d{1,2})[:.](?<minute>\\d{2})${EN_PART}?`),
    createWords(`(?:(?:at|around|about|by) )?(?<fixed>noon|midday|midnight)`),
    createWords(`(?:(?:at|around|about|by) )?(?<hour>${EN})(?: (?<minute>${EN}))?(?:${EN_PART}| o'clock${EN_PART}?)`),
    createWords(
      `(?:at|around|about|by) (?<hour>${EN})(?: (?<minute>${EN}))?(?= *(?:$|[,.;!?${MASK}]|on |in |for |about |please|tomorrow|today|next|this|and |if ))`,
    ),
  ],
};

/** Parts of a day and indifference: they answer "when" without a clock time. */
const VAGUE: Readonly<Record<Language, RegExp>> = {
  fr: createWords(
    "(?<!bon )(?<!bonne )(?<!belle )(?:(?:le|dans la|en|en fin de|en début de|en début d'|ce|cet|l') ?)?(?:matin(?:ée)?|après-midi|soir(?:ée)?)|peu importe(?: l'heure)?|n'importe quelle heure|toute la journée",
  ),
  en: createWords(
    '(?<!good )(?:(?:in the|this|late|early) )?(?:morning|afternoon|evening)|tonight|any ?time|whenever|all day|no preference',
  ),
};

function minuteOf(groups: Record<string, string | undefined>, language: Language): number {
  const shift = groups.shift?.toLowerCase() ?? '';
  const sign = /moins| to$/u.test(shift) || /^moins/iu.test(groups.minute ?? '') ? -1 : 1;
  if (/demi|half/u.test(shift)) return 30;
  if (/quart/u.test(shift)) return sign * 15;
  const said = (groups.minute ?? shift).replace(/^moins | minutes|(?: past| to)$/giu, '').trim();
  return said === '' ? 0 : sign * parseNumber(said, language);
}

/** "At two" to a business is the afternoon: bare hours from 1 to 6 are taken as 13 to 18. */
function hourOf(hour: number, part: string): number {
  const isAfternoon = /^p|soir|après-midi|afternoon|evening|night/iu.test(part);
  const isMorning = /^a|matin|morning/iu.test(part);
  if (isMorning) return hour === 12 ? 0 : hour;
  if (isAfternoon) return hour < 12 ? hour + 12 : hour;
  return hour >= 1 && hour <= 6 ? hour + 12 : hour;
}

function readMinutes(groups: Record<string, string | undefined>, language: Language): number {
  const minute = minuteOf(groups, language);
  if (groups.fixed) return (/minuit|midnight/iu.test(groups.fixed) ? 0 : 720) + minute;
  const said = groups.hour ?? '';
  const hour =
    /^0\d/u.test(said) && !groups.part ? Number(said) : hourOf(parseNumber(said, language), groups.part ?? '');
  return hour * 60 + minute;
}

/** The time of day that a caller asks for. Durations ("depuis deux heures") are not one. */
export function findTime(text: string, language: Language): Finding<TimeMention> | null {
  for (const pattern of CLOCK[language]) {
    const match = pattern.exec(text);
    if (!match) continue;
    const minutes = readMinutes(match.groups ?? {}, language);
    if (!(minutes >= 0 && minutes < 1_440)) continue;
    return { value: { words: trimPhrase(match[0]), minutes }, rest: maskAt(text, match.index, match[0].length) };
  }
  const vague = VAGUE[language].exec(text);
  if (!vague) return null;
  return { value: { words: trimPhrase(vague[0]), minutes: null }, rest: maskAt(text, vague.index, vague[0].length) };
}
