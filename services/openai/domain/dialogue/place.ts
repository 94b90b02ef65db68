import { createWords, type Finding, type Language, MASK, maskAt, trimPhrase } from './pattern.ts';
import { numberSource } from './spoken-numbers.ts';

const FR_TYPES =
  'rue|avenue|boulevard|place|chemin|impasse|allée|quai|cours|route|square|passage|sentier|ruelle|esplanade|faubourg|lotissement|résidence';
const EN_TYPES =
  'street|road|avenue|lane|drive|square|place|close|way|court|gardens|terrace|boulevard|row|hill|crescent|grove|park|mews';

/** Words at which an address has ended, whatever follows. */
const STOP: Readonly<Record<Language, string>> = {
  fr: `et (?:je|on|mon|ma|le|vous|c'est)|mon|ma|pour|je|vous|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|demain|après-demain|aujourd'hui|vers|s'il|à (?:${numberSource('fr')}) ?h|à midi|le \\d`,
  en: 'and (?:i|my|the|you|it)|my|for|please|i|you|on|next|tomorrow|today|this|at|monday|tuesday|wednesday|thursday|friday|saturday|sunday',
};

const CITY = `(?:\\d{5} )?(?!côté|partir|proximité|midi|${numberSource('fr')} ?h)[\\p{L}'-]+(?:[ -](?=\\p{Lu})[\\p{L}'-]+){0,3}`;

function createStreet(language: Language): RegExp {
  const number = numberSource(language);
  const word = `(?!(?:${STOP[language]})(?![\\p{L}\\p{N}]))[\\p{L}\\p{N}'.-]*[\\p{L}\\p{N}']`;
  return language === 'fr'
    ? createWords(`${number}(?: ?(?:bis|ter))?,? (?:${FR_TYPES}) ${word}(?: (?!à )${word}){0,6}`)
    : createWords(`(?:flat \\w+,? )?${number}[a-z]? (?:(?!(?:${EN_TYPES}) )${word} ){1,4}(?:${EN_TYPES})`);
}

const STREET: Readonly<Record<Language, RegExp>> = { fr: createStreet('fr'), en: createStreet('en') };
// Case decides where a city ends, so these two look at capitals and are tried on the text behind the street.
const CITY_AFTER: Readonly<Record<Language, RegExp>> = {
  fr: new RegExp(`^(?:,? à |, (?=\\d{5} |\\p{Lu}))${CITY}`, 'u'),
  en: /^(?:,? in |, )(?=\p{Lu})\p{Lu}\p{Ll}[\p{L}'-]*(?: \p{Lu}\p{Ll}[\p{L}'-]*){0,2}(?:,? [A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})?/u,
};
const LEAD: Readonly<Record<Language, RegExp>> = {
  fr: /(?:(?:mon adresse|l'adresse)(?:,? c'est| est)(?: le| au)? |(?:j'habite|je suis|c'est|à l'adresse) (?:au |le )?|au |le )$/iu,
  en: /(?:(?:my|the) address is (?:at )?|(?:i live|i'm|it's|we are|we're) (?:at )?|at )$/iu,
};
const TOWN: Readonly<Record<Language, RegExp>> = {
  fr: /(?<!\p{L})(?:[Jj]'habite|[Jj]e suis) (?:à|au|en) (\p{Lu}[\p{L}'-]+(?:[ -]\p{Lu}[\p{L}'-]+)*)/u,
  en: /(?<!\p{L})(?:I live|I'm based|[Ww]e are|[Ww]e're) in (\p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+)*)/u,
};

/** A postal address (number, kind of street, name, town when said), or the town that the caller says to live in. */
export function findPlace(text: string, language: Language): Finding<string> | null {
  const street = STREET[language].exec(text);
  // English has no word order to tell an address by: without a capital it is ordinary talk.
  if (!street || (language === 'en' && !/\p{Lu}/u.test(street[0]))) {
    const town = TOWN[language].exec(text);
    return town?.[1] ? { value: town[1], rest: maskAt(text, town.index, town[0].length) } : null;
  }
  const after = text.slice(street.index + street[0].length);
  const city = CITY_AFTER[language].exec(after)?.[0] ?? '';
  const lead = LEAD[language].exec(text.slice(0, street.index))?.[0].length ?? 0;
  const value = trimPhrase(street[0] + city);
  return {
    value,
    rest: maskAt(text, street.index - lead, lead + street[0].length + city.length).replace(`${MASK}.`, MASK),
  };
}
