import { z } from 'zod';
import { demodulate } from '../../../line/modem.ts';
import { createBadRequest } from '../api-error.ts';
import type { Message } from '../chat/messages.ts';
import { type AudioFormat, decodeAudio, RATES_HZ, takeHeard, toLineSamples } from './audio.ts';
import { createInvalidField } from './session-config.ts';

const partSchema = z.looseObject({
  type: z.enum(['input_text', 'input_audio', 'output_text', 'output_audio']),
  text: z.string().optional(),
  audio: z.string().optional(),
  transcript: z.string().nullable().optional(),
});
const shared = { id: z.string().min(1).max(128).optional() };
const itemSchema = z.discriminatedUnion('type', [
  z.looseObject({
    ...shared,
    type: z.literal('message'),
    role: z.enum(['system', 'user', 'assistant']),
    content: z.array(partSchema),
  }),
  z.looseObject({ ...shared, type: z.literal('function_call'), call_id: z.string(), name: z.string() }),
  z.looseObject({ ...shared, type: z.literal('function_call_output'), call_id: z.string(), output: z.string() }),
]);

/** A thing said or done in a conversation: as events write it, and as the rules read it. `audioMs` = how long its audio lasts, 0 for text. */
export type Item = {
  readonly id: string;
  readonly wire: Readonly<Record<string, unknown>>;
  readonly message: Message;
  readonly audioMs: number;
};

/** A user's item of audio, as the words that the stand-in heard; events show them only when transcription is on. */
export function createAudioItem(id: string, text: string, audioMs: number): Item {
  return {
    id,
    audioMs,
    message: { role: 'user', content: text },
    wire: {
      id,
      object: 'realtime.item',
      type: 'message',
      status: 'completed',
      role: 'user',
      content: [{ type: 'input_audio', transcript: null }],
    },
  };
}

type Part = z.infer<typeof partSchema>;

function readPart(part: Part, format: AudioFormat): { readonly text: string; readonly audioMs: number } {
  if (part.audio === undefined) return { text: part.text ?? part.transcript ?? '', audioMs: 0 };
  const samples = decodeAudio(part.audio, format);
  const { text } = demodulate(toLineSamples(samples, format), { voice: 'caller' });
  return { text: text.trim(), audioMs: (samples.length * 1_000) / RATES_HZ[format] };
}

/** What each side of a conversation may bring. */
const PART_TYPES: Readonly<Record<string, readonly Part['type'][]>> = {
  system: ['input_text'],
  user: ['input_text', 'input_audio'],
  assistant: ['output_text', 'output_audio'],
};

function checkParts(role: string, parts: readonly Part[], place: string): void {
  const allowed = PART_TYPES[role] ?? [];
  const at = parts.findIndex(({ type }) => !allowed.includes(type));
  if (at < 0) return;
  const list = allowed.map((type) => `'${type}'`).join(', ');
  const message = `Invalid value: '${parts[at]?.type}'. Supported values are: ${list}.`;
  throw createBadRequest(message, `${place}.content[${at}].type`, 'invalid_value');
}

/** Refuses the output of a call that is not in the conversation. @throws ApiError 400 `invalid_tool_call_id` */
export function checkToolOutput({ message }: Item, items: readonly Item[]): void {
  if (message.role !== 'tool') return;
  const id = message.tool_call_id;
  if (items.some((item) => item.message.tool_calls?.some((call) => call.id === id))) return;
  throw createBadRequest(`Tool call ID '${id}' not found in conversation.`, null, 'invalid_tool_call_id');
}

/** An item that the client brought; audio is heard in `format`. @throws ApiError 400 naming the field after `place`. */
export function parseItem(value: unknown, createId: () => string, format: AudioFormat, place = 'item'): Item {
  const parsed = itemSchema.safeParse(value);
  if (!parsed.success) throw createInvalidField(parsed.error, place);
  const given = parsed.data;
  const id = given.id ?? createId();
  const wire = { ...given, id, object: 'realtime.item', status: 'completed' };
  if (given.type === 'function_call') {
    const calls = [{ id: given.call_id, function: { name: given.name } }];
    return { id, wire, audioMs: 0, message: { role: 'assistant', tool_calls: calls } };
  }
  if (given.type === 'function_call_output')
    return { id, wire, audioMs: 0, message: { role: 'tool', tool_call_id: given.call_id, content: given.output } };
  checkParts(given.role, given.content, place);
  const parts = given.content.map((part) => readPart(part, format));
  const content = given.content.map(({ audio: _audio, ...part }) => part);
  return {
    id,
    wire: { ...wire, content },
    message: { role: given.role, content: parts.map(({ text }) => text).join('') },
    audioMs: parts.reduce((sum, part) => sum + part.audioMs, 0),
  };
}

/** The items of a conversation in order. */
export type Conversation = {
  readonly id: string;
  list(): readonly Item[];
  /** The id of the last item, null when there is none. */
  lastId(): string | null;
  /** Puts an item after another, at the start (`root`) or (null) at the end; returns the id of the item before it. @throws ApiError 400 */
  add(item: Item, afterId?: string | null): string | null;
  replace(item: Item): void;
  /** @throws ApiError 404-like 400 `item_not_found` */
  find(id: string, param: string): Item;
  delete(id: string): void;
  /** Shows what a user's item of audio said, where it is still there. */
  setTranscript(id: string, transcript: string): void;
  /** Keeps of an assistant's item what was heard by `audioEndMs`. @throws ApiError 400 */
  truncate(id: string, audioEndMs: number): void;
};

/** A conversation without items. */
export function createConversation(id: string): Conversation {
  let items: readonly Item[] = [];
  const find = (itemId: string, param: string): Item => {
    const found = items.find((item) => item.id === itemId);
    if (found) return found;
    throw createBadRequest(`Item with id '${itemId}' not found.`, param, 'item_not_found');
  };
  const replace = (item: Item) => {
    items = items.map((old) => (old.id === item.id ? item : old));
  };
  return {
    id,
    list: () => items,
    lastId: () => items.at(-1)?.id ?? null,
    find,
    replace,
    add(item, afterId = null) {
      if (items.some((old) => old.id === item.id))
        throw createBadRequest(`Item with id '${item.id}' already exists.`, 'item.id', 'item_already_exists');
      if (afterId !== null && afterId !== 'root') find(afterId, 'previous_item_id');
      const at = afterId === null ? items.length : items.findIndex((old) => old.id === afterId) + 1;
      items = [...items.slice(0, at), item, ...items.slice(at)];
      return items[at - 1]?.id ?? null;
    },
    setTranscript(itemId, transcript) {
      const item = items.find((old) => old.id === itemId);
      if (item) replace({ ...item, wire: { ...item.wire, content: [{ type: 'input_audio', transcript }] } });
    },
    delete(itemId) {
      find(itemId, 'item_id');
      items = items.filter((item) => item.id !== itemId);
    },
    truncate(itemId, audioEndMs) {
      const item = find(itemId, 'item_id');
      if (item.wire.role !== 'assistant')
        throw createBadRequest('Only model output audio messages can be truncated.', 'item_id', 'invalid_value');
      if (audioEndMs > item.audioMs)
        throw createBadRequest(
          `Audio content of ${Math.round(item.audioMs)}ms is already shorter than ${audioEndMs}ms`,
          'audio_end_ms',
          'invalid_value',
        );
      const text = typeof item.message.content === 'string' ? item.message.content : '';
      const content = takeHeard(text, audioEndMs);
      // The vendor drops the transcript: it cannot know which of the words were heard. The stand-in's rules may.
      const wire = { ...item.wire, content: [{ type: 'output_audio' }] };
      replace({ ...item, wire, audioMs: audioEndMs, message: { role: 'assistant', content } });
    },
  };
}
