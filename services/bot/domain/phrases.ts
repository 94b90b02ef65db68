import type { Language, PhraseKey } from './ports.ts';

const PHRASES: Readonly<Record<Language, Readonly<Record<PhraseKey, string>>>> = {
  fr: {
    greeting: 'Bonjour, que puis-je faire pour vous ?',
    repeat: 'Pardon, je ne vous ai pas entendu. Pouvez-vous répéter ?',
    trouble: 'Excusez-moi, un petit souci. Pouvez-vous répéter ?',
    noted: "C'est noté, merci. Au revoir.",
    stillThere: 'Êtes-vous toujours là ?',
    silentGoodbye: 'Je ne vous entends pas. Rappelez-nous, au revoir.',
    apology: 'Je suis désolé, un problème technique. Rappelez-nous plus tard, au revoir.',
    notSaved: "Je suis désolé, je n'ai pas pu noter. Rappelez-nous, au revoir.",
    filler: 'Un instant, je regarde.',
  },
  en: {
    greeting: 'Hello, how can I help you?',
    repeat: 'Sorry, I did not hear you. Could you say that again?',
    trouble: 'Sorry, one moment of trouble. Could you say that again?',
    noted: 'That is noted, thank you. Goodbye.',
    stillThere: 'Are you still there?',
    silentGoodbye: 'I cannot hear you. Please call again, goodbye.',
    apology: 'I am sorry, we have a technical problem. Please call later, goodbye.',
    notSaved: 'I am sorry, I could not note that. Please call again, goodbye.',
    filler: 'One moment, let me check.',
  },
};

/** Every phrase must be sayable when the voice itself is down: the bot has a recording of each. */
export const PHRASE_KEYS = Object.keys(PHRASES.fr) as readonly PhraseKey[];

/** The words of a phrase. */
export function phrase(language: Language, key: PhraseKey): string {
  return PHRASES[language][key];
}
