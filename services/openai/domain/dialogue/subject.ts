import { createWords, type Language, MASK, trimPhrase } from './pattern.ts';

const TRIGGERS: Readonly<Record<Language, readonly string[]>> = {
  fr: [
    'rendez-vous (?:pour|concernant|au sujet de|à propos de)',
    "(?:j'|je vous )?appelle (?:pour|parce que|parce qu'|car|au sujet de|au sujet d'|à propos de|à propos d')",
    'au sujet de|à propos de|concernant',
    "il s'agit d(?:e|')",
    "c'est (?:pour|à cause de)",
    "(?:je voudrais|j'aimerais|je souhaite|je souhaiterais|j'ai besoin d(?:e|')|il me faut|je veux)",
    "j'ai|il y a|nous avons|on a",
  ],
  en: [
    '(?:appointment|booking|visit) (?:for|about|regarding|concerning|to have|to)',
    "(?:i'm calling|i am calling|i call|calling) (?:about|regarding|because of|because|for|to)",
    '(?:about|regarding|concerning)',
    "(?:it's|it is) (?:about|for)",
    "(?:i need|i'd like|i would like|i want|we need)(?: to (?!speak|talk)| someone to)?",
    "(?:i have|i've got|there is|there's|we have|we've got)",
  ],
};

const END: Readonly<Record<Language, string>> = {
  fr: `[,.;:!?${MASK}]| et (?:je|j'|mon|ma|mes|on|il|elle|c'est|vous|le numéro)| (?:pour|le|vers|à|au|chez) ?${MASK}| s'il (?:vous|te)| depuis `,
  en: `[,.;:!?${MASK}]| and (?:i|my|it|you|we|the number|the address)(?![\\p{L}])| (?:for|on|at|by|in) ?${MASK}| please| since `,
};

/** What a caller asks of any business: it says nothing about why. */
const GENERIC: Readonly<Record<Language, RegExp>> = {
  fr: /^(?:(?:prendre|avoir|fixer|obtenir|réserver) )?(?:un |le |mon )?(?:rendez-vous|créneau|renseignement|service|information)?s?$|^(?:une )?(?:question|information|demande)s?$|^(?:parler|savoir|vous|quelqu'un|bien|compris|noté|changer|déjà)(?:$| )/iu,
  en: /^(?:(?:to )?(?:make|book|get|have|schedule|arrange) )?(?:an? |the |my )?(?:appointment|booking|slot|visit|service|information|help)?s?$|^(?:a )?(?:question|request)s?$|^(?:speak|talk|know|you|someone|that|it|to speak|to talk|to know|how|what|when)(?:$| )/iu,
};

/** Why the caller calls, by the phrases that say so, the most telling first; null when none does. Masked parts end it. */
export function findSubject(text: string, language: Language): string | null {
  for (const trigger of TRIGGERS[language]) {
    const pattern = new RegExp(`${createWords(trigger).source}\\s*(.*?)(?=${END[language]}|$)`, 'giu');
    for (const match of text.matchAll(pattern)) {
      const value = trimPhrase(match[1] ?? '').replace(/ (?:pour|for|on|at|le|à|au)$/iu, '');
      if (value.length > 2 && !GENERIC[language].test(value)) return value;
    }
  }
  return null;
}
