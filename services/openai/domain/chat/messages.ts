import { z } from 'zod';
import type { Line } from '../dialogue/conversation.ts';

const partSchema = z.looseObject({ type: z.string(), text: z.string().optional() });

/** A message as far as the rules look at it; `role` is checked before, with the vendor's own words. */
export const messageSchema = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z.union([z.string(), z.array(partSchema), z.null()]).optional(),
  tool_calls: z.array(z.looseObject({ id: z.string(), function: z.looseObject({ name: z.string() }) })).optional(),
  tool_call_id: z.string().optional(),
});
export type Message = z.infer<typeof messageSchema>;

/** The text of a message's content, parts joined. */
export function messageText(message: Message): string {
  if (typeof message.content === 'string') return message.content;
  return (message.content ?? []).map((part) => part.text ?? '').join('');
}

/** A model that is not told to write JSON may write blanks for ever: the vendor insists on the word. */
export function speaksOfJson(messages: readonly Message[]): boolean {
  return messages.some((message) => /json/iu.test(messageText(message)));
}

const CONTEXT = /^\s*context\s*:/iu;

function listSystemTexts(messages: readonly Message[]): readonly string[] {
  return messages.filter(({ role }) => role === 'system' || role === 'developer').map(messageText);
}

/** All instructions: system and developer messages, joined by line ends; retrieved text is none. */
export function listInstructions(messages: readonly Message[]): string {
  return listSystemTexts(messages)
    .filter((text) => !CONTEXT.test(text))
    .join('\n');
}

/** The lines of retrieved text: of system and developer messages that begin with `Context:`, without bullets and empty lines. */
export function listContext(messages: readonly Message[]): readonly string[] {
  return listSystemTexts(messages)
    .filter((text) => CONTEXT.test(text))
    .flatMap((text) => text.replace(CONTEXT, '').split('\n'))
    .map((row) => row.replace(/^\s*[-*•]\s+/u, '').trim())
    .filter((row) => row !== '');
}

const SPEAKER = /^\s*(caller|user|customer|client|appelant|bot|agent|assistant)\s*:\s*/iu;

/** A transcript handed over in one message ("Caller: ...", "Bot: ..." line by line) becomes the lines it holds. */
function splitTranscript(text: string): readonly Line[] {
  const rows = text.split('\n').filter((row) => SPEAKER.test(row));
  return rows.map((row) => ({
    role: /^\s*(?:bot|agent|assistant)/iu.test(row) ? 'assistant' : 'user',
    text: row.replace(SPEAKER, ''),
  }));
}

/** What both sides said, in order. Tool calls and instructions are no talk. */
export function listLines(messages: readonly Message[]): readonly Line[] {
  return messages.flatMap((message): readonly Line[] => {
    const text = messageText(message);
    if (message.role === 'assistant') return text === '' ? [] : [{ role: 'assistant', text }];
    if (message.role !== 'user') return [];
    const transcript = splitTranscript(text);
    return transcript.length > 0 ? transcript : [{ role: 'user', text }];
  });
}

/** The tool answer that stands last, with the name of the tool that was called; null when the last message is none. */
export function findToolAnswer(
  messages: readonly Message[],
): { readonly tool: string; readonly content: string } | null {
  const last = messages.at(-1);
  if (last?.role !== 'tool') return null;
  const calls = messages.flatMap((message) => message.tool_calls ?? []);
  const call = calls.findLast(({ id }) => id === last.tool_call_id);
  return { tool: call?.function.name ?? '', content: messageText(last) };
}
