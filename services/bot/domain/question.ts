import type { Language } from './ports.ts';

/** How a sentence shows that it asks, when the transcript has no question mark. */
const ASKS: Readonly<Record<Language, RegExp>> = {
  fr: /(?<!\p{L})(?:combien|quels?|quelles?|où|quand|comment|est-ce qu|qu'est-ce|que (?:faut|dois)|(?:avez|êtes|acceptez|faites|prenez|ouvrez|fermez)-vous|vous (?:ouvrez|fermez|êtes ouverts?)|y a-t-il|peut-on|puis-je|faut-il|dois-je)/iu,
  en: /(?<!\p{L})(?:what|where|when|how|which|do (?:you|i)|are you|is there|are there|can i|could i|may i|should i|is it)(?!\p{L})/iu,
};

/**
 * What a business is asked about: hours, address, prices, parking, what to bring. A time of day alone is none ("could I come
 * at ten o'clock?" is about the appointment).
 */
const TOPICS: Readonly<Record<Language, RegExp>> = {
  fr: /(?<!\p{L})(?:horaires?|quelles? heures?|ouv(?:ert|r)\p{L}*|ferm(?:é|ez|ée?s|eture)\p{L}*|adresse|où|situés?|située|prix|tarifs?|combien|co[uû]t\p{L}*|devis|payer|paiement|carte bancaire|chèques?|garer|parking|stationn\p{L}+|apport\p{L}+|prévoir|préparer|papiers|documents?)(?!\p{L})/iu,
  en: /(?<!\p{L})(?:opening|hours|open|close[ds]?|closing|address|located|location|where|price\p{L}*|cost\p{L}*|how much|rates?|fees?|charges?|quote|pay|payment|parking|park|bring|prepare|papers|documents?)(?!\p{L})/iu,
};

/**
 * The sentences of an utterance that ask about the business, or null when none does. A local rule, because it stands on the
 * caller's waiting path.
 */
export function findBusinessQuestion(text: string, language: Language): string | null {
  const sentences = text.match(/[^.!?…]+[.!?…]*/gu) ?? [];
  const asking = sentences.filter((sentence) => {
    const asks = sentence.trimEnd().endsWith('?') || ASKS[language].test(sentence);
    return asks && TOPICS[language].test(sentence);
  });
  return asking.length === 0 ? null : asking.join(' ').trim();
}
