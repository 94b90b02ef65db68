import type { Language } from './pattern.ts';

const FRENCH = new Set(
  `je tu il elle on nous vous le la les un une des du de au aux et ou mais non oui bonjour bonsoir merci est suis appelle voudrais
  rendez pour avec dans sur mon ma mes votre numéro rue avenue heures heure lundi mardi mercredi jeudi vendredi samedi dimanche
  demain matin soir plutôt exact ça cela c'est j'ai d'accord parler quelqu'un à où quoi combien pas voilà parfait revoir`.split(
    /\s+/u,
  ),
);
const ENGLISH = new Set(
  `i you he she it we they the an and or but no yes hello hi thanks thank is am are my your name would like need appointment for with
  in at street road avenue number monday tuesday wednesday thursday friday saturday sunday tomorrow morning afternoon evening next
  instead right that that's it's i'm speak human someone what how much not correct goodbye bye please about call me to of sure`.split(
    /\s+/u,
  ),
);

/** The language of an utterance by its common words; null when they do not decide. */
export function detectLanguage(text: string): Language | null {
  let balance = 0;
  for (const word of text.toLowerCase().match(/[\p{L}']+/gu) ?? []) {
    const stem = word.replace(/^(?:[jldcnmts]|qu)'(?=[\p{L}])/u, '');
    if (FRENCH.has(word) || (stem !== word && !ENGLISH.has(word))) balance += 1;
    if (ENGLISH.has(word)) balance -= 1;
  }
  return balance > 0 ? 'fr' : balance < 0 ? 'en' : null;
}
