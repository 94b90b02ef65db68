import type { Wanted } from './date-words.ts';
import { type Intent, readIntent } from './intent.ts';
import { detectLanguage } from './language.ts';
import { type Language, normalizeText } from './pattern.ts';
import { isReadBack, PHRASES, readAsked } from './phrases.ts';
import type { Prompt } from './prompt.ts';
import { type Heard, readUtterance } from './understand.ts';
import { isWantedComplete, mergeWanted } from './wanted.ts';

/** One side's words, in order. */
export type Line = { readonly role: 'user' | 'assistant'; readonly text: string };

/** Where a conversation stands after its last line. */
export type Conversation = {
  readonly language: Language;
  /** Text fields by key; `wanted` stands apart. */
  readonly values: Readonly<Record<string, string>>;
  readonly wanted: Wanted | null;
  /** Fields that the caller confirmed after a read-back, as they are now. */
  readonly confirmed: ReadonlySet<string>;
  /** How often each field was asked for. */
  readonly askedCounts: Readonly<Record<string, number>>;
  /** What the last line of the caller did; null when nobody spoke yet. */
  readonly last: LastLine | null;
  /** The assistant's last words. */
  readonly lastAssistant: string;
};

type LastLine = {
  readonly isEmpty: boolean;
  readonly intent: Intent;
  readonly changed: readonly string[];
  readonly afterReadBack: boolean;
  readonly confirms: boolean;
};

const EMPTY_UTTERANCE = /^(?:[\s.,;:!?…]|euh+|hum+|hmm+|ben|uh+|um+|er+|ah+|oh+)*$/iu;

function startConversation(hint: Language | null): Conversation {
  return {
    language: hint ?? 'en',
    values: {},
    wanted: null,
    confirmed: new Set(),
    askedCounts: {},
    last: null,
    lastAssistant: '',
  };
}

function applyHeard(
  before: Conversation,
  heard: Heard,
  isCorrection: boolean,
): Pick<Conversation, 'values' | 'wanted'> {
  const values: Record<string, string> = { ...before.values };
  for (const key of ['name', 'place', 'callbackNumber'] as const) {
    const value = heard[key];
    if (value !== undefined) values[key] = value;
  }
  // Many sentences look like a reason; once one is known, only a correction replaces it.
  if (heard.subject !== undefined && (isCorrection || values.subject === undefined)) values.subject = heard.subject;
  if (heard.notes !== undefined && !values.notes?.includes(heard.notes))
    values.notes = [values.notes, heard.notes].filter(Boolean).join('; ');
  return { values, wanted: heard.wanted ? mergeWanted(before.wanted, heard.wanted) : before.wanted };
}

function listChanged(before: Conversation, after: Pick<Conversation, 'values' | 'wanted'>): readonly string[] {
  const changed = Object.keys(after.values).filter((key) => after.values[key] !== before.values[key]);
  return JSON.stringify(after.wanted) === JSON.stringify(before.wanted) ? changed : [...changed, 'wanted'];
}

/** A field without patterns of its own takes the answer to a question that asked for it by its description. */
function otherAsked(before: Conversation, prompt: Prompt): string | null {
  const key = prompt.fields.find(
    ({ key: name, description }) => !(name in PHRASES.en.ask) && before.lastAssistant.includes(description),
  )?.key;
  return key ?? null;
}

function hearCaller(before: Conversation, text: string, prompt: Prompt): Conversation {
  const language = detectLanguage(text) ?? before.language;
  const intent = readIntent(normalizeText(text), language);
  const isEmpty = EMPTY_UTTERANCE.test(text);
  const isPlainTalk = isEmpty || intent.asksBusiness || intent.wantsPerson || intent.wantsRepeat || intent.hesitates;
  const afterReadBack = isReadBack(before.lastAssistant);
  const heard = readUtterance(text, language, readAsked(before.lastAssistant), isPlainTalk || afterReadBack);
  const isInvited = Object.values(PHRASES).some(({ whatToChange }) => before.lastAssistant === whatToChange);
  const applied = applyHeard(before, heard, intent.denies || isInvited);
  const other = otherAsked(before, prompt);
  const after = other && heard.free ? { ...applied, values: { ...applied.values, [other]: heard.free } } : applied;
  const changed = listChanged(before, after);
  const confirms = afterReadBack && intent.affirms && !intent.denies && changed.length === 0;
  const known = [...Object.keys(after.values), ...(after.wanted ? ['wanted'] : [])];
  return {
    ...before,
    ...after,
    language,
    confirmed: new Set(confirms ? known : [...before.confirmed].filter((key) => !changed.includes(key))),
    last: { isEmpty, intent, changed, afterReadBack, confirms },
  };
}

/** "Could you say that again?" leaves the question before it in force. */
const ASKS_AGAIN = /répéter|redire|say (?:that|it) again|repeat/iu;

function hearAssistant(before: Conversation, text: string): Conversation {
  if (before.lastAssistant !== '' && ASKS_AGAIN.test(text)) return before;
  const askedCounts: Record<string, number> = { ...before.askedCounts };
  for (const key of readAsked(text)) askedCounts[key] = (askedCounts[key] ?? 0) + 1;
  return { ...before, askedCounts, lastAssistant: text };
}

/** Goes through a conversation line by line; newer facts replace older ones. */
export function followConversation(lines: readonly Line[], prompt: Prompt): Conversation {
  return lines.reduce<Conversation>(
    (state, line) => (line.role === 'user' ? hearCaller(state, line.text, prompt) : hearAssistant(state, line.text)),
    startConversation(prompt.language),
  );
}

/** True when a field needs no question any more. A day alone is taken once the time was asked for twice. */
export function isKnown(conversation: Conversation, key: string): boolean {
  if (key !== 'wanted') return conversation.values[key] !== undefined;
  if (!conversation.wanted) return false;
  return isWantedComplete(conversation.wanted) || (conversation.askedCounts.wanted ?? 0) >= 2;
}
