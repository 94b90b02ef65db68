import type { Conversation, Line } from './conversation.ts';
import { type Language, normalizeText } from './pattern.ts';

/** How a sentence shows that it asks, when the transcript has no question mark. */
const ASKS: Readonly<Record<Language, RegExp>> = {
  fr: /(?<!\p{L})(?:combien|quels?|quelles?|où|quand|comment|est-ce qu|(?:avez|êtes|acceptez|faites|proposez|prenez|ouvrez|fermez)-vous|y a-t-il|peut-on|puis-je)/iu,
  en: /(?<!\p{L})(?:what|where|when|how|which|do you|are you|is there|are there|can i|is it)(?!\p{L})/iu,
};

/** Words for the same thing in both languages count as one word; tried on a word without its accents. */
const TOPICS: readonly (readonly [topic: string, pattern: RegExp])[] = [
  [
    '#hours',
    /^(?:horaires?|heures?|ouv(?:er|r)\w*|ferm(?:e|ez|es|ee|eture)s?|open(?:ing|s)?|hours?|clos(?:e|es|ed|ing))$/u,
  ],
  [
    '#price',
    /^(?:combien|prix|tarifs?|tarification|cout\w*|prices?|pricing|costs?|rates?|fees?|charges?|euros?|much)$/u,
  ],
  ['#place', /^(?:adresse|ou|situes?|situee|trouvez|located|location|address|where)$/u],
  ['#parking', /^(?:parking|parkings|garer|stationn\w+|park)$/u],
];

const STOP_WORDS = new Set(
  `vous nous est sont les des une aux avec pour dans sur par que qui quel quelle quels quelles votre vos notre nos mon mes pas plus
  avez etes faites peut puis jour jours from the and are is you your our can what when how which there have has for with any this
  that does did tell please know would like`.split(/\s+/u),
);

function listTokens(text: string): ReadonlySet<string> {
  const plain = normalizeText(text).toLowerCase().normalize('NFD').replace(/\p{M}/gu, '');
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  const tokens = words.flatMap((word) => {
    const topic = TOPICS.find(([, pattern]) => pattern.test(word))?.[0];
    if (topic !== undefined) return [topic];
    return word.length < 3 || STOP_WORDS.has(word) ? [] : [word.replace(/s$/u, '')];
  });
  return new Set(tokens);
}

/** The sentences of an utterance that ask something. */
function findQuestion(text: string, language: Language): string {
  const sentences = normalizeText(text).match(/[^.!?]+[.!?]*/gu) ?? [];
  return sentences.filter((sentence) => sentence.trimEnd().endsWith('?') || ASKS[language].test(sentence)).join(' ');
}

/**
 * What the retrieved text says to the caller's question: the first line of `context` that shares the most words with it; null
 * when the caller's last words ask nothing, share no word with any line, or are about the appointment and no topic of a business.
 */
export function findContextReply(
  conversation: Conversation,
  lines: readonly Line[],
  context: readonly string[],
): string | null {
  const last = lines.at(-1);
  const intent = conversation.last?.intent;
  if (context.length === 0 || last?.role !== 'user' || !intent || intent.wantsPerson || intent.wantsRepeat) return null;
  const asked = listTokens(findQuestion(last.text, conversation.language));
  const isTopic = intent.asksBusiness || [...asked].some((token) => token.startsWith('#'));
  // "Could I come on Monday?" brings the record further: it is no question about Mondays.
  if (!isTopic && (conversation.last?.changed.length ?? 0) > 0) return null;
  const shared = context.map((row) => [...listTokens(row)].filter((token) => asked.has(token)).length);
  const most = Math.max(...shared);
  return most === 0 ? null : (context[shared.indexOf(most)] ?? null);
}
