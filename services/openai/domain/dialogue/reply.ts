import { type Conversation, isKnown } from './conversation.ts';
import { wantedWords } from './date-words.ts';
import { PHRASES } from './phrases.ts';
import type { Prompt } from './prompt.ts';

/** What the assistant does next: words, or a call of a tool that the request offers. */
export type Reply = { readonly kind: 'say'; readonly text: string } | { readonly kind: 'call'; readonly tool: string };

/** The tools that the rules know how to use. */
const SAVE_TOOL = 'save_record';
const TRANSFER_TOOL = 'transfer';

const READ_BACK_LENGTH = 150;

const say = (text: string): Reply => ({ kind: 'say', text });

function clauseFor(conversation: Conversation, key: string, description: string): string {
  const { ask, askOther } = PHRASES[conversation.language];
  if (key === 'wanted' && conversation.wanted) return ask[conversation.wanted.day ? 'time' : 'day'] ?? '';
  return ask[key] ?? askOther(description);
}

/** One short sentence for the first two fields that are missing; null when none is. */
function generateQuestion(conversation: Conversation, prompt: Prompt): string | null {
  const { join, end } = PHRASES[conversation.language];
  const missing = prompt.fields.filter(({ key }) => !isKnown(conversation, key));
  if (missing.length === 0) return null;
  const clauses = missing.slice(0, 2).map(({ key, description }) => clauseFor(conversation, key, description));
  const question = clauses.join(join) + end;
  return question.charAt(0).toUpperCase() + question.slice(1);
}

function shorten(values: readonly string[], room: number): readonly string[] {
  let parts = [...values];
  while (parts.join(', ').length > room) {
    const longest = parts.reduce((best, part, index) => (part.length > (parts[best]?.length ?? 0) ? index : best), 0);
    const cut = (parts[longest] ?? '').replace(/[\s,]*\S+$/u, '');
    if (cut === '') return parts;
    parts = parts.map((part, index) => (index === longest ? cut : part));
  }
  return parts;
}

function generateReadBack(conversation: Conversation, prompt: Prompt): string {
  const [start, end] = PHRASES[conversation.language].readBack;
  const values = prompt.fields.map(({ key }) =>
    key === 'wanted' && conversation.wanted ? wantedWords(conversation.wanted) : (conversation.values[key] ?? ''),
  );
  const parts = shorten(values.filter(Boolean), READ_BACK_LENGTH - start.length - end.length);
  return start + parts.join(', ') + end;
}

/** What stands before the question, when the caller's words did not bring the record further. */
function generateRemark(conversation: Conversation): string {
  const phrases = PHRASES[conversation.language];
  const last = conversation.last;
  if (!last) return '';
  if (last.intent.wantsPerson) return `${phrases.noTransfer} `;
  if (last.intent.asksBusiness) return `${phrases.unknown} `;
  const isTalk = last.intent.says !== null || last.intent.affirms;
  return last.changed.length === 0 && !isTalk && conversation.lastAssistant !== '' ? `${phrases.unclear} ` : '';
}

/** The assistant's next step by small deterministic rules over the conversation; `tools` = names of the tools offered. */
export function decideReply(conversation: Conversation, prompt: Prompt, tools: ReadonlySet<string>): Reply {
  const phrases = PHRASES[conversation.language];
  const { last } = conversation;
  if (!last) return say(phrases.opening);
  if (last.isEmpty) return say(phrases.silence);
  if (last.intent.wantsPerson && tools.has(TRANSFER_TOOL)) return { kind: 'call', tool: TRANSFER_TOOL };
  if (last.intent.wantsRepeat && last.changed.length === 0 && conversation.lastAssistant !== '')
    return say(conversation.lastAssistant);
  const question = generateQuestion(conversation, prompt);
  if (question) return say(generateRemark(conversation) + question);
  if (last.confirms) return tools.has(SAVE_TOOL) ? { kind: 'call', tool: SAVE_TOOL } : say(phrases.saved);
  // A bot that asks for nothing of a record has nothing to read back.
  if (prompt.fields.length === 0 && last.changed.length > 0) return say(phrases.noted);
  if (last.changed.length > 0) return say(generateReadBack(conversation, prompt));
  if (prompt.fields.every(({ key }) => conversation.confirmed.has(key))) return say(phrases.thanks);
  if (last.afterReadBack && last.intent.denies) return say(phrases.whatToChange);
  const remark = last.intent.asksBusiness || last.intent.wantsPerson ? generateRemark(conversation) : '';
  return say(remark + generateReadBack(conversation, prompt));
}

/** What is said after a tool answered with `content`: the caller is told the truth about a failure. */
export function decideAfterTool(conversation: Conversation, tool: string, content: string): Reply {
  const phrases = PHRASES[conversation.language];
  const failed = /error|fail|"(?:ok|saved|success)"\s*:\s*false/iu.test(content);
  if (tool === TRANSFER_TOOL) return say(failed ? phrases.noTransfer : phrases.transferring);
  return say(failed ? phrases.notSaved : phrases.saved);
}
