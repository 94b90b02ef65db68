import { NAME_ENDS, NO_NAMES, PARTICLES, SENTENCE_STARTS } from './word-lists.ts';

const LETTERS = "[\\p{L}][\\p{L}\\p{M}'’-]*";
const NAME_WORD = `(?!(?:${NAME_ENDS})(?![\\p{L}]))${LETTERS}`;

/** After these a name follows, capitals or not. */
const INTRODUCTIONS = [
  "(?:je|on) (?:m|me|s|se|nous)['’ ]?\\s?(?:appelle|nomme)",
  "mon (?:nom|prénom)(?: de famille)?(?: complet)?(?:,? (?:est|c['’]est))?(?: :)?",
  'nom de famille(?: est)?',
  'au nom d[eu](?: la)?',
  'de la part d[eu]',
  "moi,? c['’]est",
  "(?:my|the|his|her) (?:(?:full|first|last|family|sur) ?)?name(?:['’]s| is)",
  'surname(?: is)?',
  'i am called|they call me|you can call me|call me',
  '(?:under|in) the name(?: of)?',
  'on behalf of',
  '(?:monsieur|madame|mademoiselle|mme|mlle|mr|mrs|ms|miss|docteur|doctor|dr|maître)\\.?',
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
    .replace(ANNOUNCED, (_, opening: string, _name: string, closing: string) => `${opening}<name>${closing}`)
    .replace(SPELLED_BY_WORDS, '<spelled>')
    .replace(SPELLED, (found) => (/^[\saàâyoôiu.,-]+$/i.test(found) ? found : '<spelled>'));
  return replaceCapitals(introduced, isOwnWord);
}

/** "Madame, je..." and "Monsieur bonjour" introduce nobody. */
function nameOrOwn(name: string, isOwnWord: (word: string) => boolean): string {
  const isCommon = name.split(/\s+/).every((word) => isKept(word, isOwnWord) || isStart(word));
  return isCommon ? name : '<name>';
}

const CAPITAL = "\\p{Lu}[\\p{L}\\p{M}'’-]*";
const CAPITALS = new RegExp(
  `<\\w+(?::[0-9a-f]{16})?>|(?<![\\p{L}\\p{N}_<])${CAPITAL}(?:\\s+(?:(?:${PARTICLES})\\s?){0,2}${CAPITAL})*`,
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
  if (starts && words.length === 1 && !ends) return run;
  return [...words.slice(0, kept), '<name>'].join(' ');
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
