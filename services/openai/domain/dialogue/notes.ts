import { type Finding, type Language, maskAt, trimPhrase } from './pattern.ts';

const TRIGGERS: Readonly<Record<Language, RegExp>> = {
  fr: /(?<!\p{L})(?:(?:je précise|notez|à noter|sachez|il faut savoir) (?:que |qu')|(?=le code (?:de la porte|d'entrée|de l'immeuble)|l'interphone|attention))([^.;!?\u{E000}]+)/iu,
  en: /(?<!\p{L})(?:(?:please )?(?:note|notice) that |by the way,? |you should know (?:that )?|(?=the (?:door|entry|gate) code|the doorbell|the buzzer|beware))([^.;!?\u{E000}]+)/iu,
};

/** A remark that the caller wants passed on ("je précise que ...", "the door code is ..."). */
export function findNotes(text: string, language: Language): Finding<string> | null {
  const match = TRIGGERS[language].exec(text);
  if (!match?.[1]) return null;
  return { value: trimPhrase(match[1]), rest: maskAt(text, match.index, match[0].length) };
}
