import { modulatedDurationMs } from '../../../line/modem.ts';
import { messageText } from '../chat/messages.ts';
import { type PromptCache, splitTokens } from '../chat/tokens.ts';
import { AUDIO_DELTA_MS, BYTES_PER_SECOND, generateAudio } from './audio.ts';
import type { SessionContext } from './context.ts';
import type { Item } from './items.ts';
import type { ResponsePlan } from './plan.ts';

const INPUT_AUDIO_TOKENS_PER_SECOND = 10;
const OUTPUT_AUDIO_TOKENS_PER_SECOND = 20;
/** About what the vendor lets one response say. */
const LONGEST_TEXT = 4_096;

/** The output of one response as it grows: one message, or one call of a function. Every method emits the events of its step. */
export type Output = {
  begin(): void;
  /** What is to be sent, piece by piece, and when: milliseconds after the first piece. */
  pieces(): readonly { readonly atMs: number; readonly send: () => void }[];
  /** Closes everything that is open. The item as it ended; null when `begin` was never called. */
  end(isComplete: boolean): unknown;
  /** True when the text was too long to be said whole. */
  readonly isCut: boolean;
  outputTokens(): { readonly text: number; readonly audio: number };
};

type Pace = { readonly tokensPerSecond: number; readonly speechRate: number };
type Emit = (type: string, fields?: Readonly<Record<string, unknown>>) => void;

function createPlacedEmit(context: SessionContext, plan: ResponsePlan, itemId: string, isPart: boolean): Emit {
  const place = { response_id: plan.id, item_id: itemId, output_index: 0, ...(isPart ? { content_index: 0 } : {}) };
  return (type, fields = {}) => context.emit(type, { ...place, ...fields });
}

/** Emits the frame of an output item, and puts it into the conversation: empty at first, as it ended at the end. */
function createItemFrame(context: SessionContext, plan: ResponsePlan) {
  const place = { response_id: plan.id, output_index: 0 };
  return {
    open(item: Item) {
      context.emit('response.output_item.added', { ...place, item: item.wire });
      if (!plan.isInConversation) return;
      const previous = context.conversation.add(item);
      context.emit('conversation.item.added', { previous_item_id: previous, item: item.wire });
    },
    close(item: Item) {
      context.emit('response.output_item.done', { ...place, item: item.wire });
      if (!plan.isInConversation) return;
      const items = context.conversation.list();
      const at = items.findIndex(({ id }) => id === item.id);
      context.conversation.replace(item);
      context.emit('conversation.item.done', { previous_item_id: items[at - 1]?.id ?? null, item: item.wire });
    },
  };
}

/** A response that calls a function, without arguments: the stand-in's rules know none. */
export function createCallOutput(context: SessionContext, plan: ResponsePlan, name: string): Output {
  const itemId = context.createId('item');
  const callId = context.createId('call');
  const frame = createItemFrame(context, plan);
  const emit = createPlacedEmit(context, plan, itemId, false);
  const createItem = (status: string, args: string): Item => ({
    id: itemId,
    audioMs: 0,
    message: { role: 'assistant', tool_calls: [{ id: callId, function: { name } }] },
    wire: {
      id: itemId,
      object: 'realtime.item',
      type: 'function_call',
      status,
      name,
      call_id: callId,
      arguments: args,
    },
  });
  let isBegun = false;
  return {
    isCut: false,
    outputTokens: () => ({ text: isBegun ? 11 : 0, audio: 0 }),
    begin() {
      isBegun = true;
      frame.open(createItem('in_progress', ''));
    },
    pieces: () => [
      {
        atMs: 0,
        send: () => emit('response.function_call_arguments.delta', { call_id: callId, delta: '{}' }),
      },
    ],
    end(isComplete) {
      if (!isBegun) return null;
      emit('response.function_call_arguments.done', { call_id: callId, name, arguments: '{}' });
      const item = createItem(isComplete ? 'completed' : 'incomplete', '{}');
      frame.close(item);
      return item.wire;
    },
  };
}

/** As much of the text as the response may say: sound costs tokens of its own for as long as it lasts. */
function cutText(given: string, { modality, maxOutputTokens }: ResponsePlan): string {
  const text = given.slice(0, LONGEST_TEXT);
  if (maxOutputTokens === 'inf') return text;
  const words = splitTokens(text);
  const audioMs = modality === 'audio' ? modulatedDurationMs(text) : 0;
  const all = words.length + (audioMs * OUTPUT_AUDIO_TOKENS_PER_SECOND) / 1_000;
  return words.slice(0, Math.floor((words.length * maxOutputTokens) / Math.max(all, maxOutputTokens))).join('');
}

/** A response that says `given`, as sound with its transcript or as text, at the profile's pace. */
export function createMessageOutput(context: SessionContext, plan: ResponsePlan, given: string, pace: Pace): Output {
  const isAudio = plan.modality === 'audio';
  const text = cutText(given, plan);
  const itemId = context.createId('item');
  const frame = createItemFrame(context, plan);
  const emit = createPlacedEmit(context, plan, itemId, true);
  const wordsType = isAudio ? 'response.output_audio_transcript' : 'response.output_text';
  const wordsKey = isAudio ? 'transcript' : 'text';
  let said = '';
  let audioMs = 0;
  let isBegun = false;
  const createItem = (status: string): Item => {
    const part = { type: isAudio ? 'output_audio' : 'output_text', [wordsKey]: said };
    const content = status === 'in_progress' ? [] : [part];
    const wire = { id: itemId, object: 'realtime.item', type: 'message', status, role: 'assistant', content };
    return { id: itemId, audioMs, message: { role: 'assistant', content: said }, wire };
  };
  const createPart = () => ({ type: isAudio ? 'audio' : 'text', [wordsKey]: said });
  const sendWord = (delta: string) => {
    said += delta;
    emit(`${wordsType}.delta`, { delta });
  };
  const sendAudio = (words: readonly string[], chunk: Uint8Array) => {
    for (const word of words) sendWord(word);
    audioMs += (chunk.length * 1_000) / BYTES_PER_SECOND[plan.format];
    emit('response.output_audio.delta', { delta: Buffer.from(chunk).toString('base64') });
  };
  return {
    isCut: text.length < given.length,
    outputTokens: () => ({
      text: splitTokens(said).length,
      audio: Math.ceil((audioMs * OUTPUT_AUDIO_TOKENS_PER_SECOND) / 1_000),
    }),
    begin() {
      isBegun = true;
      frame.open(createItem('in_progress'));
      emit('response.content_part.added', { part: createPart() });
    },
    pieces() {
      const words = splitTokens(text);
      if (!isAudio) {
        const stepMs = pace.tokensPerSecond === 0 ? 0 : 1_000 / pace.tokensPerSecond;
        return words.map((word, index) => ({ atMs: index * stepMs, send: () => sendWord(word) }));
      }
      const chunks = generateAudio(text, plan.format);
      const stepMs = pace.speechRate === 0 ? 0 : AUDIO_DELTA_MS / pace.speechRate;
      const share = (index: number) => Math.ceil((words.length * index) / chunks.length);
      return chunks.map((chunk, index) => ({
        atMs: index * stepMs,
        send: () => sendAudio(words.slice(share(index), share(index + 1)), chunk()),
      }));
    },
    end(isComplete) {
      if (!isBegun) return null;
      if (isAudio) emit('response.output_audio.done');
      emit(`${wordsType}.done`, { [wordsKey]: said });
      emit('response.content_part.done', { part: createPart() });
      const item = createItem(isComplete ? 'completed' : 'incomplete');
      frame.close(item);
      return item.wire;
    },
  };
}

/** Token counts of a response as the Realtime API reports them. */
export function countUsage(plan: ResponsePlan, output: Output | null, cache: PromptCache, model: string) {
  const words = splitTokens(plan.messages.map(messageText).join('\n'));
  const cached = cache.lookUp(model, words);
  const audio = Math.ceil((plan.inputAudioMs * INPUT_AUDIO_TOKENS_PER_SECOND) / 1_000);
  const input = words.length + audio;
  const made = output?.outputTokens() ?? { text: 0, audio: 0 };
  return {
    total_tokens: input + made.text + made.audio,
    input_tokens: input,
    output_tokens: made.text + made.audio,
    input_token_details: {
      text_tokens: words.length,
      audio_tokens: audio,
      image_tokens: 0,
      cached_tokens: cached,
      cached_tokens_details: { text_tokens: cached, audio_tokens: 0, image_tokens: 0 },
    },
    output_token_details: { text_tokens: made.text, audio_tokens: made.audio },
  };
}
