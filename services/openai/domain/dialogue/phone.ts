import { createWords, type Finding, type Language, MASK, maskAt } from './pattern.ts';
import { numberWords, parseNumber } from './spoken-numbers.ts';

const LEAD: Readonly<Record<Language, string>> = {
  fr: "(?:et )?(?:(?:c'est|mon|le) )?(?:(?:numéro|téléphone|portable)(?: de (?:téléphone|portable))? )?(?:(?:c'est|est) )?(?:(?:vous pouvez )?me (?:rappeler|joindre) )?(?:au |le |sur le )?",
  en: "(?:and )?(?:(?:my|the) (?:phone |callback |mobile )?number(?: is|'s) )?(?:(?:you can )?(?:call|reach|ring) me (?:back )?(?:on|at) )?(?:it's |on |at )?",
};

const PAIRS = 5;

function groupDigits(digits: string): string {
  return digits.length === 2 * PAIRS ? (digits.match(/../gu) ?? []).join(' ') : digits;
}

function countDigits(text: string): number {
  return text.replace(/\D/gu, '').length;
}

function spokenDigits(words: string, language: Language): string {
  const token = new RegExp(`double|triple|oh|plus|\\d+|${numberWords(language)}`, 'giu');
  let digits = '';
  let repeat = 1;
  for (const [word] of words.matchAll(token)) {
    const lower = word.toLowerCase();
    if (lower === 'double' || lower === 'triple') repeat = lower === 'double' ? 2 : 3;
    else {
      const value = /^\d+$/u.test(word) ? word : String(parseNumber(word, language));
      digits += lower === 'plus' ? '+' : (lower === 'oh' ? '0' : value).repeat(repeat);
      repeat = 1;
    }
  }
  return digits;
}

function createSpokenPattern(language: Language): RegExp {
  const one = `(?:plus|double|triple|oh|\\d+|${numberWords(language)})`;
  return createWords(`${one}(?:[ ,-]+${one}){4,}`);
}

const SPOKEN: Readonly<Record<Language, RegExp>> = { fr: createSpokenPattern('fr'), en: createSpokenPattern('en') };
const WRITTEN = /(?<![\p{L}\p{N}])\+?\(?\d[\d .()-]{6,20}\d(?![\p{L}\p{N}])/u;

/** A telephone number of 8 to 15 digits, in figures (kept as grouped when said) or in words (grouped in pairs when ten digits). */
export function findPhone(text: string, language: Language): Finding<string> | null {
  for (const pattern of [WRITTEN, SPOKEN[language]]) {
    const match = pattern.exec(text);
    if (!match) continue;
    const value =
      pattern === WRITTEN
        ? match[0]
            .replace(/[().-]/gu, ' ')
            .replace(/\s+/gu, ' ')
            .trim()
        : groupDigits(spokenDigits(match[0], language));
    if (countDigits(value) < 8 || countDigits(value) > 15) continue;
    const before = text.slice(0, match.index);
    const lead = new RegExp(`(?<![\\p{L}])${LEAD[language]}$`, 'iu').exec(before)?.[0].length ?? 0;
    return { value, rest: maskAt(text, match.index - lead, match[0].length + lead).replace(`${MASK}.`, MASK) };
  }
  return null;
}
