import {
  type Conversation,
  followConversation,
  type Line,
} from '../../services/openai/domain/dialogue/conversation.ts';
import { parsePrompt } from '../../services/openai/domain/dialogue/prompt.ts';
import { decideReply } from '../../services/openai/domain/dialogue/reply.ts';

/** The lines that a bot's system prompt holds; 2026-11-21 is a Saturday. */
export function systemPrompt(language: 'fr' | 'en'): string {
  const fields = {
    name: "the caller's name",
    subject: 'what the appointment is about',
    wanted: 'day and time wanted',
    place: 'address',
    callbackNumber: 'number to call back',
  };
  return [
    'You answer the telephone.',
    `FIELDS: ${JSON.stringify(fields)}`,
    `LANGUAGE: ${language}`,
    'NOW: 2026-11-21T14:03:00+01:00[Europe/Paris]',
  ].join('\n');
}

export type Talk = { readonly replies: readonly string[]; readonly end: Conversation; readonly lines: readonly Line[] };

/** Says each line of the caller and lets the rules answer; a tool call reads `=> name`. */
export function talk(
  language: 'fr' | 'en',
  says: readonly string[],
  tools: readonly string[] = ['save_record', 'transfer'],
): Talk {
  const prompt = parsePrompt(systemPrompt(language));
  const lines: Line[] = [];
  const replies: string[] = [];
  let end = followConversation(lines, prompt);
  for (const text of says) {
    lines.push({ role: 'user', text });
    end = followConversation(lines, prompt);
    const reply = decideReply(end, prompt, new Set(tools));
    replies.push(reply.kind === 'say' ? reply.text : `=> ${reply.tool}`);
    if (reply.kind === 'say') lines.push({ role: 'assistant', text: reply.text });
  }
  return { replies, end, lines };
}

/** Both sides of what `talk` says, the assistant last. */
export function linesOf(language: 'fr' | 'en', says: readonly string[]): readonly Line[] {
  return talk(language, says).lines;
}

/** A whole appointment, ready to be confirmed. */
export const FRENCH_CALL = [
  "Bonjour, je m'appelle Claire Fontaine, je voudrais un rendez-vous pour une fuite d'eau mardi à dix heures.",
  'Au 12 rue des Lilas à Lyon, mon numéro est le 06 39 98 12 34.',
];
export const ENGLISH_CALL = [
  'Hello, my name is John Smith, I need an appointment for a leaking tap next Tuesday at ten.',
  'At 12 Baker Street in London, my number is 07700 900123.',
];
