import type { Language } from './pattern.ts';

type Phrases = {
  readonly opening: string;
  readonly silence: string;
  readonly unclear: string;
  readonly unknown: string;
  readonly noTransfer: string;
  readonly transferring: string;
  readonly whatToChange: string;
  readonly thanks: string;
  readonly saved: string;
  readonly notSaved: string;
  /** To a caller who has told something, from a bot that asks for nothing. */
  readonly noted: string;
  readonly readBack: readonly [start: string, end: string];
  readonly join: string;
  readonly end: string;
  /** The question for a field, as a clause; `day` and `time` are halves of `wanted`. */
  readonly ask: Readonly<Record<string, string>>;
  /** For a field that has no clause of its own. */
  readonly askOther: (description: string) => string;
  /** How a sentence of the assistant shows that it asks for a field. */
  readonly asks: Readonly<Record<string, RegExp>>;
};

/** Everything the assistant can say, short enough for a telephone. */
export const PHRASES: Readonly<Record<Language, Phrases>> = {
  fr: {
    opening: 'Bonjour, que puis-je faire pour vous ?',
    silence: "Pardon, je n'ai rien entendu, pouvez-vous répéter ?",
    unclear: "Je n'ai pas bien compris.",
    unknown: "Je n'ai pas cette information.",
    noTransfer: 'Je ne peux pas vous passer quelqu’un.',
    transferring: "Je vous passe quelqu'un.",
    whatToChange: 'Que dois-je corriger ?',
    thanks: 'Merci de votre appel, au revoir.',
    saved: "C'est noté, merci et au revoir.",
    notSaved: "Je n'ai pas pu l'enregistrer, nous vous rappellerons.",
    noted: "C'est noté. Que puis-je faire d'autre ?",
    readBack: ['Je récapitule : ', ". C'est bien cela ?"],
    join: ', et ',
    end: ' ?',
    ask: {
      name: 'à quel nom',
      subject: 'pour quel motif',
      wanted: 'quel jour et à quelle heure',
      day: 'quel jour',
      time: 'à quelle heure',
      place: 'à quelle adresse',
      callbackNumber: 'à quel numéro peut-on vous rappeler',
    },
    askOther: (description) => `pouvez-vous préciser : ${description}`,
    asks: {
      name: /quel (?:est votre )?nom|votre nom/iu,
      subject: /quel motif|quel sujet|quelle raison|motif de/iu,
      wanted: /quel jour|quelle heure|quand/iu,
      place: /adresse|quel endroit/iu,
      callbackNumber: /numéro|vous rappeler/iu,
    },
  },
  en: {
    opening: 'Hello, what can I do for you?',
    silence: 'Sorry, I heard nothing, could you say that again?',
    unclear: 'I did not quite get that.',
    unknown: 'I do not know that.',
    noTransfer: 'I cannot put you through to anybody.',
    transferring: 'I am putting you through.',
    whatToChange: 'What should I change?',
    thanks: 'Thank you for your call, goodbye.',
    saved: 'It is noted, thank you and goodbye.',
    notSaved: 'I could not save it, we will call you back.',
    noted: 'I have noted that. What else can I do for you?',
    readBack: ['Let me check: ', '. Is that right?'],
    join: ', and ',
    end: '?',
    ask: {
      name: 'under what name',
      subject: 'for what reason',
      wanted: 'on what day and at what time',
      day: 'on what day',
      time: 'at what time',
      place: 'at what address',
      callbackNumber: 'on what number can we call you back',
    },
    askOther: (description) => `could you tell me this: ${description}`,
    asks: {
      name: /what name|your name/iu,
      subject: /what reason|the reason|what is it about/iu,
      wanted: /what day|what time|when/iu,
      place: /address|where/iu,
      callbackNumber: /number|call you back/iu,
    },
  },
};

/** True when the assistant's words are a read-back, or what was heard of one that was interrupted. */
export function isReadBack(text: string): boolean {
  return Object.values(PHRASES).some(
    ({ readBack: [start, end] }) => text.trimStart().startsWith(start.trim()) || text.trimEnd().endsWith(end.slice(2)),
  );
}

/** Keys of the fields that the assistant's words ask for. */
export function readAsked(text: string): ReadonlySet<string> {
  if (isReadBack(text)) return new Set();
  return new Set(
    Object.values(PHRASES).flatMap(({ asks }) =>
      Object.entries(asks).flatMap(([key, pattern]) => (pattern.test(text) ? [key] : [])),
    ),
  );
}
