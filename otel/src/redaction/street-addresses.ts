/**
 * `words` in either case: each letter as a class of its two cases. Not `(?i:…)`: V8 14 matches groups with modifiers
 * wrongly once a process has compiled so many expressions that it no longer optimizes them (--no-regexp-optimization).
 */
function anyCase(words: string): string {
  const inClass = words.replace(/\[([^\]]+)\]/g, (_, letters: string) => `[${letters}${letters.toUpperCase()}]`);
  return inClass.replace(/\[[^\]]+\]|\\.|\p{Ll}/gu, (part) =>
    part.length > 1 ? part : `[${part}${part.toUpperCase()}]`,
  );
}

const FRENCH_STREET = anyCase(
  '(?:rue|avenue|av\\.?|boulevard|bd|chemin|all[ée]e|impasse|route|quai|cours|square|passage|sentier|faubourg|r[ée]sidence|lotissement|place|villa|hameau|lieu-dit|cit[ée])',
);
const FRENCH_NUMBER = anyCase(
  '(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt|trente|quarante|cinquante|soixante|cent)',
);
const SURE_WORDS = 'street|road|avenue|lane|boulevard|terrace|crescent|gardens|grove';
const SURE_STREET = anyCase(`(?:${SURE_WORDS})`);
const ENGLISH_STREET = anyCase(
  `(?:${SURE_WORDS}|st|rd|ave|ln|drive|dr|court|ct|blvd|way|close|square|place|row|hill|park)`,
);
const ENGLISH_NUMBER = anyCase(
  '(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)',
);
/** "3 cours par semaine", "2 cours de danse": lessons, not an avenue. */
const LESSONS = anyCase(
  "(?<=cours\\s)(?:par|pour|qui|que|ou|où|est|sont|avec|gratuits?|particuliers?|collectifs?|individuels?|à|en|ce|cette|de (?:danse|piano|guitare|musique|chant|solf[èe]ge|yoga|pilates|gym|sport|judo|boxe|tennis|natation|cuisine|couture|peinture|dessin|théâtre|français|maths?|soutien|langues?|conduite|code)|d[’']anglais|d[’']espagnol|d[’']allemand|d[’']essai)",
);
/** No word of a street's name where it is written small: "20 minutes on the way", "3 dogs in the park". */
const NO_ENGLISH_NAME =
  '(?:the|in|on|at|to|up|down|an?|by|per|for|from|and|or|with|is|are|was|were|into|along|off|across|over|through|near|this|that|my|your|his|her|our|their|some|any|more|minutes?|hours?|days?|weeks?|months?|years?|times?|miles?|metres?|meters?|people|persons?|bedrooms?)';
const ENGLISH_NAME = `(?!${NO_ENGLISH_NAME}(?![\\p{L}'’-]))[\\p{L}][\\p{L}'’.-]*\\s+`;
const THE = '(?:The\\s+|the\\s+(?=(?:avenue|terrace|crescent|gardens|grove|close)(?!\\p{L})))';
const LETTER = `(?:\\s*(?:${anyCase('bis|ter|quater')}|[a-dA-D])(?![\\p{L}]))?`;
/** To the end of the clause: the town often follows. */
const REST = `[^,.;!?\\n<]{1,48}?(?=$|[,.;!?\\n<]|\\s+(?:${anyCase('et|and|pour|for|demain|tomorrow|à partir')}|[sS]['’]${anyCase('il')}|${anyCase('please')})(?![\\p{L}]))`;
const START = '(?<![\\p{L}\\p{N}])';

const FORMS: readonly RegExp[] = [
  // "12 bis rue des Lilas", "douze rue victor hugo"
  `${START}(?:\\d{1,5}|(?:${FRENCH_NUMBER}[\\s-]){0,3}${FRENCH_NUMBER})${LETTER},?\\s+${FRENCH_STREET}\\s+(?!${LESSONS}(?![\\p{L}]))${REST}`,
  // "rue de la République"
  `${START}${FRENCH_STREET}\\s+(?:${anyCase('(?:de|du|des|la|le|les)')}\\s+){0,2}(?:[dlDL]['’])?\\p{Lu}${REST}`,
  // "221 Baker Street", "12 The Avenue", "twelve high road"
  `${START}\\d{1,5}${LETTER}\\s+(?:${THE}(?:${ENGLISH_NAME}){0,3}|(?:${ENGLISH_NAME}){1,3})${ENGLISH_STREET}(?![\\p{L}])`,
  `${START}(?:${ENGLISH_NUMBER}[\\s-]){1,4}(?!(?:way|lanes?)\\s)(?:${THE}(?:${ENGLISH_NAME}){0,3}?|(?:${ENGLISH_NAME}){1,3}?)${SURE_STREET}(?![\\p{L}])`,
  // "Baker Street"
  `${START}(?:\\p{Lu}[\\p{L}'’.-]*\\s+){1,2}${SURE_STREET}(?![\\p{L}])`,
  // "75011 Paris", "SW1A 1AA"
  `${START}(?:F-?)?\\d{5}\\s+\\p{Lu}[\\p{L}'’-]+(?:[\\s-]+\\p{Lu}[\\p{L}'’-]+)*`,
  `${START}[A-Z]{1,2}\\d[A-Z\\d]?\\s?\\d[A-Z]{2}(?![\\p{L}\\p{N}])`,
].map((form) => new RegExp(form, 'gu'));

/** Replaces street addresses, and postcodes with their towns, as they are said in French and English. */
export function replaceStreetAddresses(text: string): string {
  return FORMS.reduce((safe, form) => safe.replace(form, '<address>'), text);
}
