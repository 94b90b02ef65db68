import type { Wanted } from './date-words.ts';
import { findBareName, findName } from './name.ts';
import { findNotes } from './notes.ts';
import { type Language, MASK, normalizeText, trimPhrase } from './pattern.ts';
import { findPhone } from './phone.ts';
import { findPlace } from './place.ts';
import { findSubject } from './subject.ts';
import { findWanted } from './wanted.ts';

/** The facts of one utterance; `free` is what no pattern took, for a field that only its question can tell. */
export type Heard = {
  readonly name?: string;
  readonly subject?: string;
  readonly wanted?: Wanted;
  readonly place?: string;
  readonly callbackNumber?: string;
  readonly notes?: string;
  readonly free?: string;
};

type Draft = { -readonly [Key in keyof Heard]: Heard[Key] };

const FILLERS =
  /^(?:[\s,.;:!?]|\u{E000}|(?:bonjour|bonsoir|allô|oui|non|alors|euh|eh bien|bon|voilà|donc|merci|s'il vous plaît|hello|hi|yes|no|well|uh|um|so|okay|ok|thanks|thank you|please|sure)(?!\p{L}))+/iu;
const LEADS =
  /^(?:c'est|ce sera|ce serait|pour|plutôt|je|j'habite|mon adresse est|et|it's|it is|it's for|for|about|that's|rather|i|and)(?![\p{L}'])\s*(?:pour |for |about |au |at )?/iu;

/** A mangled lead-in to something that was taken already ("mon numéro est l"). */
const LEFTOVER = /,? *(?:et |and )?\S{0,3} *(?<!\p{L})(?:numéro|téléphone|adresse|number|address)(?!\p{L}).*$/iu;

function freeText(text: string): string {
  let free = text.replace(FILLERS, '').replace(LEFTOVER, '');
  free = free.replace(/^(?:à|au|en|at|in|dans)\s+(?=\p{Lu}|\d|l[ae] )/u, '').replace(LEADS, '');
  return trimPhrase((free.split(new RegExp(`[.!?${MASK}]`, 'u'))[0] ?? '').replace(FILLERS, ''));
}

/** The patterns in an order that lets the telling ones take their words before the greedy ones look. */
function readPatterns(text: string, language: Language, heard: Draft): string {
  let rest = text;
  const take = <T>(found: { readonly value: T; readonly rest: string } | null): T | undefined => {
    if (found) rest = found.rest;
    return found?.value;
  };
  const set = <Key extends keyof Draft>(key: Key, value: Draft[Key] | undefined) => {
    if (value !== undefined) heard[key] = value;
  };
  set('notes', take(findNotes(rest, language)));
  set('callbackNumber', take(findPhone(rest, language)));
  set('place', take(findPlace(rest, language)));
  set('wanted', take(findWanted(rest, language)));
  set('name', take(findName(rest, language)));
  set('subject', findSubject(rest, language) ?? undefined);
  return rest;
}

function answerDirectly(rest: string, asked: ReadonlySet<string>, heard: Draft): void {
  let left = rest;
  if (asked.has('name') && heard.name === undefined) {
    const found = findBareName(left);
    if (found) heard.name = found.value;
    left = found?.rest ?? left;
  }
  const free = freeText(left);
  if (free.length < 3) return;
  if (asked.has('subject') && heard.subject === undefined) heard.subject = free;
  else if (asked.has('place') && heard.place === undefined && /\p{Lu}|\d/u.test(free)) heard.place = free;
  else if (heard.subject === undefined) heard.free = free;
}

/**
 * The facts of an utterance by patterns alone. `asked` = keys of the fields that the assistant had just asked for: they let
 * a bare answer ("Claire Fontaine") count, unless `isPlainTalk` says that the utterance is a yes, a question or the like.
 */
export function readUtterance(
  utterance: string,
  language: Language,
  asked: ReadonlySet<string> = new Set(),
  isPlainTalk = false,
): Heard {
  const heard: Draft = {};
  const rest = readPatterns(normalizeText(utterance), language, heard);
  if (!isPlainTalk) answerDirectly(rest, asked, heard);
  return heard;
}
