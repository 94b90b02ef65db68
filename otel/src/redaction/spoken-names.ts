import { ANY_PLACEHOLDER } from './placeholders.ts';
import {
  ANSWERS,
  NAME_ENDS,
  NO_NAMES,
  NO_SPEAKER,
  NO_SPEAKER_ALONE,
  NUMBER_WORDS,
  PARTICLES,
  SENTENCE_STARTS,
} from './word-lists.ts';

const LETTERS = "[\\p{L}][\\p{L}\\p{M}'’-]*";
const NAME_WORD = `(?!(?:${NAME_ENDS})(?![\\p{L}]))${LETTERS}`;

/** "My name is hard to spell": of the name, not the name. */
const ABOUT_NAME = `(?!\\s+(?:${[
  '(?:hard|easy|tricky|difficult|simple|long|dur|facile|difficile|compliqué) (?:to|à)',
  '(?:difficult|difficile|compliqué|misspelled|spelled|written|pronounced|wrong)',
  '(?:not|already|déjà|mal|bien) (?:spelled|written|pronounced|registered|known|on|in|écrit|orthographié|prononcé|enregistré|noté|sur|dans)',
].join('|')})(?![\\p{L}]))`;
/** "Call me back". */
const NOT_CALLED =
  '(?!\\s+(?:back|later|again|soon|anytime|whenever|when|if|before|after|once|asap|as soon|immediately|directly|tonight|then)(?![\\p{L}]))';
/** "Monsieur le directeur n'est pas là": nothing follows that could be the director's name. */
const OFFICE =
  "(?!\\s+(?:le|la|l['’])\\s?(?:directeur|directrice|président|présidente|maire|ministre|juge|professeur|docteur|député|députée|préfet|préfète|proviseur|principal|gérant|gérante|responsable|commissaire|notaire|conseiller|conseillère|secrétaire|curé|concierge|gardien|gardienne|propriétaire|patron|patronne)\\s*(?:$|[,.!?;:…]|n['’](?:est|a|était|y|ont)(?![\\p{L}])|(?:ne|est|a|sera|était|va|peut|doit|et|qui|que|m['’]a|vous|nous)\\s))";

/** After these a name follows, capitals or not. */
const INTRODUCTIONS = [
  "(?:je|on) (?:m|me|s|se|nous)['’ ]?\\s?(?:appelle|nomme)",
  `mon (?:nom|prénom)(?: de famille)?(?: complet)?(?:,? (?:est|c['’]est))?(?: :)?${ABOUT_NAME}`,
  'nom de famille(?: est)?',
  'au nom d[eu](?: la)?',
  'de la part d[eu]',
  "moi,? c['’]est",
  `(?:my|the|his|her) (?:(?:full|first|last|family|sur) ?)?name(?:['’]s| is)${ABOUT_NAME}`,
  'surname(?: is)?',
  `(?:i am called|they call me|you can call me|call me)${NOT_CALLED}`,
  '(?:under|in) the name(?: of)?',
  'on behalf of',
  `(?:monsieur|madame|mademoiselle|mme|mlle|mr|mrs|ms|miss|docteur|doctor|dr|maître)\\.?${OFFICE}`,
];
const INTRODUCED = new RegExp(
  `(?<![\\p{L}])(${INTRODUCTIONS.join('|')})(\\s+)((?:(?:${PARTICLES})\\s?)?${NAME_WORD}(?:\\s+${NAME_WORD}){0,3})`,
  'giu',
);
/** A name before "speaking" and the like. */
const ANNOUNCED = new RegExp(
  `(?<![\\p{L}])((?:c['’]est|ici|this is|it['’]s|it is)\\s+)(${LETTERS}(?:\\s+${LETTERS}){0,3})(\\s+(?:à l['’]appareil|au téléphone|au bout du fil|speaking|calling|here|on the (?:phone|line)))`,
  'giu',
);
const SPELLED = /(?<![\p{L}\p{N}'’<])\p{L}(?:[\s.,-]{1,3}\p{L}(?![\p{L}'’])){2,}/gu;
const SPELLED_BY_WORDS =
  /(?<![\p{L}'’])\p{L},?\s+(?:comme|as in|like|for)\s+\p{L}+(?:[\s,.-]+\p{L},?\s+(?:comme|as in|like|for)\s+\p{L}+)*/giu;

/**
 * Replaces names as people say them: after an introduction, before "speaking", spelled letter by letter, or with a capital
 * where the sentence gives none.
 * @param isOwnWord words of the business itself, in lower case
 */
export function replaceSpokenNames(text: string, isOwnWord: (word: string) => boolean): string {
  const introduced = text
    .replace(INTRODUCED, (_, opening: string, gap: string, name: string) => opening + gap + nameOrOwn(name, isOwnWord))
    .replace(ANNOUNCED, (all: string, opening: string, name: string, closing: string) =>
      isNoSpeaker(name, closing) ? all : `${opening}<name>${closing}`,
    )
    .replace(SPELLED_BY_WORDS, '<spelled>')
    .replace(SPELLED, (found) => (/^[\saàâyoôiu.,-]+$/i.test(found) ? found : '<spelled>'));
  return replaceCapitals(introduced, isOwnWord);
}

/** They begin sentences; after an introduction somebody is called so. */
const ALSO_NAMES = /^(?:will|may)$/i;

/** "Madame, je..." and "Monsieur bonjour" introduce nobody. */
function nameOrOwn(name: string, isOwnWord: (word: string) => boolean): string {
  const isCommon = name
    .split(/\s+/)
    .every((word) => isKept(word, isOwnWord) || (isStart(word) && !ALSO_NAMES.test(word)));
  return isCommon ? name : '<name>';
}

/** "It's cold out here", "this is my first time calling". With a capital it is a name, and before "speaking". */
function isNoSpeaker(name: string, closing: string): boolean {
  if (/speaking|appareil|fil$/i.test(closing)) return false;
  const said = name.split(/\s+/);
  return said.every((word) => NO_SPEAKER.has(word)) && !(said.length === 1 && NO_SPEAKER_ALONE.has(name));
}

const CAPITAL = "\\p{Lu}[\\p{L}\\p{M}'’-]*";
const CAPITALS = new RegExp(
  `${ANY_PLACEHOLDER}|(?<![\\p{L}\\p{N}_<])${CAPITAL}(?:\\s+(?:(?:${PARTICLES})\\s?){0,2}${CAPITAL})*`,
  'gu',
);

function replaceCapitals(text: string, isOwnWord: (word: string) => boolean): string {
  return text.replace(CAPITALS, (run: string, ...rest: unknown[]) => {
    if (run.startsWith('<')) return run;
    const at = rest.find((item) => typeof item === 'number') as number;
    return maskRun(run, { starts: startsSentence(text, at), ends: endsClause(text, at + run.length) }, isOwnWord);
  });
}

type Place = { readonly starts: boolean; readonly ends: boolean };

function maskRun(run: string, { starts, ends }: Place, isOwnWord: (word: string) => boolean): string {
  const words = run.split(/\s+/);
  let kept = 0;
  while (kept < words.length && isCommon(words[kept] ?? '', starts && kept === 0, isOwnWord)) kept += 1;
  const rest = words.slice(kept);
  if (rest.length === 0) return run;
  // One capital at the head of a sentence is spelling; before a comma or a full stop it is an answer.
  if (starts && words.length === 1 && (!ends || isAnswer(run))) return run;
  return [...words.slice(0, kept), '<name>'].join(' ');
}

const NUMBER = new RegExp(`^(?:${NUMBER_WORDS})(?:-(?:(?:et|and)-)?(?:${NUMBER_WORDS})){0,8}$`, 'iu');

function isAnswer(word: string): boolean {
  return ANSWERS.has(lower(word)) || NUMBER.test(word);
}

function isCommon(word: string, isFirst: boolean, isOwnWord: (word: string) => boolean): boolean {
  return isKept(word, isOwnWord) || (isFirst && isStart(word));
}

function isKept(word: string, isOwnWord: (word: string) => boolean): boolean {
  const plain = lower(word);
  return NO_NAMES.has(plain) || isOwnWord(plain);
}

function isStart(word: string): boolean {
  return SENTENCE_STARTS.has(word.toLowerCase().replaceAll('’', "'")) || SENTENCE_STARTS.has(lower(word));
}

function lower(word: string): string {
  return word
    .toLowerCase()
    .replaceAll('’', "'")
    .replace(/^[dlj]'(?=.)|['-]+$/g, '');
}

function startsSentence(text: string, at: number): boolean {
  return /(?:^|[.!?…:;\n"«“(-])\s*$/u.test(text.slice(Math.max(0, at - 8), at));
}

function endsClause(text: string, at: number): boolean {
  return /^\s*(?:$|[,.!?…;\n])/u.test(text.slice(at, at + 8));
}
