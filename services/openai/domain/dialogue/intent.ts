import { createWords, type Language } from './pattern.ts';

/** What an utterance does, apart from the facts in it. */
export type Intent = {
  readonly affirms: boolean;
  readonly denies: boolean;
  readonly wantsPerson: boolean;
  readonly wantsRepeat: boolean;
  readonly says: 'thanks' | 'greeting' | null;
  readonly asksBusiness: boolean;
  /** Has no answer now: nothing said counts as one. */
  readonly hesitates: boolean;
};

const HARMLESS: Readonly<Record<Language, RegExp>> = {
  fr: /pas de (?:problème|souci)|n'est-ce pas|pas mal|sans problème/giu,
  en: /no (?:problem|worries)|not at all|why not/giu,
};
const YES: Readonly<Record<Language, RegExp>> = {
  fr: createWords(
    "oui|ouais|exact|exactement|c'est (?:bien )?(?:ça|cela|bon|exact|correct|juste|parfait)|tout à fait|parfait|d'accord|voilà|absolument|ok|okay",
  ),
  en: createWords("yes|yeah|yep|yup|correct|right|exactly|perfect|absolutely|sure|ok|okay|that's it|it is|fine"),
};
const NO: Readonly<Record<Language, RegExp>> = {
  fr: createWords('non|pas|plutôt|erreur|incorrect|faux|en fait|changer|corriger|finalement'),
  en: createWords("no|nope|not|wrong|incorrect|instead|actually|rather|change|isn't|mistake"),
};
const PERSON: Readonly<Record<Language, RegExp>> = {
  fr: createWords(
    "(?:parler|discuter) (?:à|avec) (?:quelqu'un|une? (?:vraie )?(?:personne|humain|conseill\\p{L}+|opérat\\p{L}+|collègue|responsable))|(?:passez|passer)[- ]moi quelqu'un|une vraie personne|un humain",
  ),
  en: createWords(
    '(?:speak|talk) (?:to|with) (?:an? |the |some )?(?:human|person|real person|someone|somebody|agent|operator|manager|colleague)(?: being)?|a real person|(?:put|transfer) me (?:through|to)',
  ),
};
const REPEAT: Readonly<Record<Language, RegExp>> = {
  fr: createWords("répét\\p{L}+|pardon|comment \\?|vous (?:pouvez|pourriez) redire|je n'ai pas (?:compris|entendu)"),
  en: createWords(
    "repeat|pardon|say (?:that|it) again|sorry\\?|come again|i (?:didn't|did not) (?:hear|catch|understand)",
  ),
};
const THANKS: Readonly<Record<Language, RegExp>> = {
  fr: createWords('merci|au revoir|bonne journée|bonne soirée|à bientôt'),
  en: createWords('thanks|thank you|goodbye|bye|have a (?:nice|good) day|cheers'),
};
const GREETING: Readonly<Record<Language, RegExp>> = {
  fr: createWords('bonjour|bonsoir|allô|allo|salut'),
  en: createWords('hello|hi|good (?:morning|afternoon|evening)|hey'),
};
const BUSINESS: Readonly<Record<Language, RegExp>> = {
  fr: createWords(
    'combien|prix|tarifs?|coûte|horaires?|êtes-vous|vous êtes (?:ouvert|fermé)\\p{L}*|ouvert\\p{L}* quand|est-ce que vous|acceptez-vous|faites-vous|proposez-vous|avez-vous',
  ),
  en: createWords(
    'how (?:much|long)|prices?|cost|opening hours|are you (?:open|closed)|do you|can you (?:come|do|repair|fix|offer)|what time do you',
  ),
};
const HESITATION: Readonly<Record<Language, RegExp>> = {
  fr: createWords(
    'je (?:ne )?sais (?:pas|plus)|(?:un instant|une minute|une seconde|un moment)|attendez|je (?:vais|dois) (?:réfléchir|regarder|vérifier)|laissez-moi',
  ),
  en: createWords(
    "i don't (?:know|remember)|i do not know|not sure|(?:one|just a) (?:moment|minute|second)|hold on|wait|let me (?:think|check|see|look)",
  ),
};

/** Reads the intent of an utterance in that language. */
export function readIntent(text: string, language: Language): Intent {
  const plain = text.replace(HARMLESS[language], ' ');
  const thanks = THANKS[language].test(plain);
  return {
    affirms: YES[language].test(plain),
    denies: NO[language].test(plain),
    wantsPerson: PERSON[language].test(plain),
    wantsRepeat: REPEAT[language].test(plain),
    says: thanks ? 'thanks' : GREETING[language].test(plain) ? 'greeting' : null,
    asksBusiness: BUSINESS[language].test(plain),
    hesitates: HESITATION[language].test(plain),
  };
}
