import { type DayMention, type DayRule, MONTHS, WEEKDAYS } from './date-words.ts';
import { createWords, type Finding, type Language, maskAt, trimPhrase } from './pattern.ts';
import { numberSource, parseNumber } from './spoken-numbers.ts';

type Rule = { readonly pattern: RegExp; readonly read: (groups: Record<string, string | undefined>) => DayRule };

const FR_NUMBER = numberSource('fr');
const EN_NUMBER = numberSource('en');
const FR_DAYS = WEEKDAYS.fr.join('|');
const EN_DAYS = WEEKDAYS.en.join('|');
const FR_MONTHS = MONTHS.fr.join('|');
const EN_MONTHS = MONTHS.en.join('|');

function indexOf(list: readonly string[], word: string | undefined): number {
  return list.indexOf((word ?? '').toLowerCase());
}

function readDate(language: Language, groups: Record<string, string | undefined>): DayRule {
  const month = /^\d+$/u.test(groups.month ?? '') ? Number(groups.month) : indexOf(MONTHS[language], groups.month) + 1;
  return {
    kind: 'date',
    day: parseNumber(groups.day ?? '', language),
    month: groups.month === undefined ? null : month,
    year: groups.year === undefined ? null : Number(groups.year),
  };
}

function readWeekday(language: Language, groups: Record<string, string | undefined>): DayRule {
  return {
    kind: 'weekday',
    weekday: indexOf(WEEKDAYS[language], groups.weekday),
    weeks: /en huit|week$/iu.test(groups.shift ?? '') && !/next week/iu.test(groups.shift ?? '') ? 1 : 0,
    inNextWeek: /semaine prochaine|next week/iu.test(groups.shift ?? ''),
  };
}

function readOffset(language: Language, groups: Record<string, string | undefined>): DayRule {
  const count = parseNumber(groups.count ?? '', language);
  return { kind: 'offset', days: /sem|week/iu.test(groups.unit ?? '') ? 7 * count : count };
}

const VAGUE = (): DayRule => ({ kind: 'vague' });
const offset = (days: number) => (): DayRule => ({ kind: 'offset', days });
const date = (language: Language) => (groups: Record<string, string | undefined>) => readDate(language, groups);
const weekday = (language: Language) => (groups: Record<string, string | undefined>) => readWeekday(language, groups);
const inSome = (language: Language) => (groups: Record<string, string | undefined>) => readOffset(language, groups);

/** Most telling first: a date beats the weekday that stands before it. */
const RULES: Readonly<Record<Language, readonly Rule[]>> = {
  fr: [
    {
      pattern: createWords(
        `(?:(?:le )?(?:${FR_DAYS}) )?(?:le )?(?<day>${FR_NUMBER}) (?<month>${FR_MONTHS})(?: (?<year>\\d{4}))?`,
      ),
      read: date('fr'),
    },
    { pattern: createWords('le (?<day>\\d{1,2})\\/(?<month>\\d{1,2})(?:\\/(?<year>\\d{4}))?'), read: date('fr') },
    {
      pattern: createWords(`(?:${FR_DAYS}) (?<day>\\d{1,2})(?! ?(?:h|heures?|\\d|:))`),
      read: date('fr'),
    },
    {
      pattern: createWords(
        `(?:ce |le )?(?<!depuis )(?<weekday>${FR_DAYS})(?! dernier)(?: (?<shift>prochain|en huit|de la semaine prochaine))?`,
      ),
      read: weekday('fr'),
    },
    { pattern: createWords('après-demain'), read: offset(2) },
    { pattern: createWords('demain'), read: offset(1) },
    { pattern: createWords("aujourd'hui"), read: offset(0) },
    { pattern: /(?<!\p{L})(?=ce (?:matin|midi|soir)(?!\p{L})|cet après-midi)/iu, read: offset(0) },
    { pattern: createWords(`dans (?<count>${FR_NUMBER}) (?<unit>jours?|semaines?)`), read: inSome('fr') },
    { pattern: createWords('le (?<day>\\d{1,2})(?= *(?:$|[,.;!?]|à |vers ))'), read: date('fr') },
    {
      pattern: createWords(
        "la semaine prochaine|dès que possible|(?:le|au) plus (?:tôt|vite)(?: possible)?|n'importe quand|n'importe quel jour",
      ),
      read: VAGUE,
    },
  ],
  en: [
    {
      pattern: createWords(
        `(?:(?:${EN_DAYS}),? )?(?:the )?(?<day>${EN_NUMBER})(?: of)? (?<month>${EN_MONTHS})(?:,? (?<year>\\d{4}))?`,
      ),
      read: date('en'),
    },
    {
      pattern: createWords(
        `(?:(?:${EN_DAYS}),? )?(?<month>${EN_MONTHS}) (?:the )?(?<day>${EN_NUMBER})(?:,? (?<year>\\d{4}))?`,
      ),
      read: date('en'),
    },
    { pattern: createWords(`(?:${EN_DAYS}),? the (?<day>${EN_NUMBER})`), read: date('en') },
    {
      pattern: createWords(
        `(?<!since |last )(?:(?:this|next|coming) )?(?<!since |last )(?<weekday>${EN_DAYS})(?: (?<shift>next week|week))?`,
      ),
      read: weekday('en'),
    },
    { pattern: createWords('(?:the )?day after tomorrow'), read: offset(2) },
    { pattern: createWords('tomorrow'), read: offset(1) },
    { pattern: createWords('today'), read: offset(0) },
    { pattern: /(?<!\p{L})(?=tonight|this (?:morning|afternoon|evening))/iu, read: offset(0) },
    { pattern: createWords(`in (?<count>${EN_NUMBER}) (?<unit>days?|weeks?)`), read: inSome('en') },
    { pattern: createWords('the (?<day>\\d{1,2}(?:st|nd|rd|th))'), read: date('en') },
    { pattern: createWords('next week|as soon as possible|any (?:time|day)(?: is fine)?'), read: VAGUE },
  ],
};

/** The day that a caller asks for; days gone by ("depuis mardi", "last Tuesday") are not one. */
export function findDay(text: string, language: Language): Finding<DayMention> | null {
  for (const { pattern, read } of RULES[language]) {
    const match = pattern.exec(text);
    if (!match) continue;
    const rule = read(match.groups ?? {});
    if (rule.kind === 'date' && !(rule.day >= 1 && rule.day <= 31)) continue;
    // "May" and "March" are months by their capital only.
    if (language === 'en' && /^[a-z]/u.test(match.groups?.month ?? '')) continue;
    const before = text.slice(0, match.index);
    const lead = /(?:^|(?<=[\s,]))(?:pour |le |on |for )$/iu.exec(before)?.[0].length ?? 0;
    const words = trimPhrase(match[0]).replace(/^le (?=[a-z])/iu, '');
    return { value: { words, rule }, rest: maskAt(text, match.index - lead, match[0].length + lead) };
  }
  return null;
}
