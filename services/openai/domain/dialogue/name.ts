import { MONTHS, WEEKDAYS } from './date-words.ts';
import { type Finding, type Language, MASK, maskAt } from './pattern.ts';

const TITLE = /^(?:Madame|Mademoiselle|Monsieur|Mme|Mlle|M\.|Mr\.?|Mrs\.?|Ms\.?|Miss|Dr\.?|Docteur|Doctor)\s+/iu;
const TOKEN = "(?:(?:de |du |des |la |le |van |von |der |d'|O'|Mc|Mac)*\\p{Lu}[\\p{L}'-]+)";
const CAPITALS = new RegExp(`^${TOKEN}(?: ${TOKEN}){0,3}`, 'u');
const NOT_NAMES = new Set(
  [
    ...WEEKDAYS.en,
    ...MONTHS.en,
    ...WEEKDAYS.fr,
    'oui',
    'non',
    'yes',
    'no',
    'bonjour',
    'hello',
    'good',
    'thank',
    'merci',
    'what',
    'not',
  ].filter(
    // Given names that are months too: capitals decide for them.
    (word) => !['april', 'may', 'june', 'august'].includes(word),
  ),
);
const PLAIN =
  /^(?!(?:et|and|je|j'|i|i'm|pour|for|un|une|a|an|the|le|la|à|au|de|du|my|mon|ma)[\s'])[\p{L}'-]{2,}(?: (?!(?:et|and|je|j|i|pour|for|from|de|à|my|mon|calling|speaking)(?![\p{L}]))[\p{L}'-]{2,})?/u;

/** After these a name follows even without capitals. */
const STRONG: Readonly<Record<Language, RegExp>> = {
  fr: /(?<!\p{L})(?:je m'appelle|moi c'est|mon nom,? (?:c'est|est)|(?:c'est )?au nom de|le nom,? (?:c'est|est))\s+/giu,
  en: /(?<!\p{L})(?:my name is|my name's|the name is|the name's|under the name(?: of)?|i am called)\s+/giu,
};
/** After these only capitals make a name. */
const WEAK: Readonly<Record<Language, RegExp>> = {
  fr: /(?<!\p{L})(?:c'est|ici|je suis)\s+/giu,
  en: /(?<!\p{L})(?:this is|i'm|i am|it's|it is)\s+/giu,
};
const TAIL = /^,? (?:à l'appareil|au téléphone|speaking|calling|here)(?!\p{L})/iu;

function readName(text: string, allowPlain: boolean): string | null {
  const name = CAPITALS.exec(text)?.[0] ?? (allowPlain ? PLAIN.exec(text)?.[0] : undefined);
  if (!name || NOT_NAMES.has((name.split(' ')[0] ?? '').toLowerCase())) return null;
  return name;
}

function findAfter(text: string, triggers: RegExp, allowPlain: boolean): Finding<string> | null {
  for (const trigger of text.matchAll(triggers)) {
    const start = trigger.index + trigger[0].length;
    const title = TITLE.exec(text.slice(start))?.[0].length ?? 0;
    const name = readName(text.slice(start + title), allowPlain);
    if (!name) continue;
    const end = start + title + name.length;
    const tail = TAIL.exec(text.slice(end))?.[0].length ?? 0;
    return { value: name, rest: maskAt(text, trigger.index, end + tail - trigger.index) };
  }
  return null;
}

/** The caller's name where a phrase says that it is one ("je m'appelle ...", "this is ... speaking"). Titles are left out. */
export function findName(text: string, language: Language): Finding<string> | null {
  return findAfter(text, STRONG[language], true) ?? findAfter(text, WEAK[language], false);
}

/** A name given as the bare answer to the question for it: the first part of the utterance that starts with capitals, or all of a short one. */
export function findBareName(text: string): Finding<string> | null {
  const lead =
    /^(?:[\s,.!]|\u{E000}|(?:oui|alors|euh|bonjour|yes|well|uh|hello|hi|sure)(?!\p{L}))*/iu.exec(text)?.[0].length ?? 0;
  const start = lead + (TITLE.exec(text.slice(lead))?.[0].length ?? 0);
  const behind = text.slice(start);
  const capitals = readName(behind, false);
  const isWhole = (name: string) => new RegExp(`^[\\s.!${MASK}]*$`, 'u').test(behind.slice(name.length));
  const plain = readName(behind, true);
  const name =
    capitals && (capitals.includes(' ') || /^\s*(?:[,.;!]|\u{E000}|$)/u.test(behind.slice(capitals.length)))
      ? capitals
      : plain && isWhole(plain)
        ? plain
        : null;
  return name ? { value: name, rest: maskAt(text, start, name.length) } : null;
}
