import { generateReply } from '../chat/answer.ts';
import type { Message } from '../chat/messages.ts';
import type { LatencyKind } from '../latency.ts';
import type { AudioFormat } from './audio.ts';
import type { ResponseParams } from './client-events.ts';
import type { SessionContext } from './context.ts';
import { type Item, parseItem } from './items.ts';
import { describeFormat, parseAudioFormat, type TokenLimit } from './session-config.ts';
import { findWordsToSay } from './words.ts';

/** A response to be made. `messages` = all that the model is given. */
export type ResponsePlan = {
  readonly id: string;
  /** False for one that leaves the conversation as it is. */
  readonly isInConversation: boolean;
  readonly modality: 'audio' | 'text';
  readonly format: AudioFormat;
  readonly voice: unknown;
  readonly metadata: unknown;
  readonly maxOutputTokens: TokenLimit;
  readonly messages: readonly Message[];
  readonly inputAudioMs: number;
  /** The step that the rules decide, or one that makes no sense. */
  readonly decide: (isNonsense: boolean) => ResponseStep;
};

/** What a response consists of, and the latencies until it begins. */
export type ResponseStep = {
  readonly text: string;
  readonly tool: string | null;
  readonly latencies: readonly LatencyKind[];
};

/** What a model says that has lost the thread. */
const NONSENSE: Readonly<Record<'fr' | 'en', string>> = {
  fr: 'Le violet marche sous la table de mardi, onze fois sans fenêtre.',
  en: 'Purple walks under the table of Tuesday, eleven times without a window.',
};

function collectItems(context: SessionContext, params: ResponseParams): readonly Item[] | null {
  const { conversation, createId, config } = context;
  if (!params.input) return null;
  return params.input.map((value, index) => {
    const isReference =
      value !== null && typeof value === 'object' && 'type' in value && value.type === 'item_reference';
    if (isReference && 'id' in value) return conversation.find(String(value.id), `response.input[${index}].id`);
    return parseItem(value, () => createId('item'), config().inputFormat, `response.input[${index}]`);
  });
}

/** Reads `response.create` against the session. @throws ApiError 400 */
export function planResponse(context: SessionContext, params: ResponseParams): ResponsePlan {
  const config = context.config();
  const input = collectItems(context, params);
  const items = input ?? context.conversation.list();
  const own = params.instructions ?? null;
  const instructions = own ?? config.instructions;
  const talk = items.map(({ message }) => message);
  const messages: readonly Message[] =
    instructions === '' ? talk : [{ role: 'system', content: instructions }, ...talk];
  const modality = params.output_modalities?.[0] ?? config.modality;
  const toolNames = (params.tools ?? config.tools).map(({ name }) => name);
  const hasTools = (params.tool_choice ?? config.toolChoice) !== 'none';
  const { format, voice } = params.audio?.output ?? {};
  const decide = (isNonsense: boolean): ResponseStep => {
    const sound: readonly LatencyKind[] = modality === 'audio' ? ['realtimeSpeech'] : [];
    if (isNonsense) {
      const language = /LANGUAGE: *fr/iu.test(instructions) ? 'fr' : 'en';
      return { text: NONSENSE[language], tool: null, latencies: ['reply', ...sound] };
    }
    const conversation = context.conversation.list().map(({ message }) => message);
    const words = findWordsToSay({ own, session: config.instructions, input: input ? talk : null, conversation });
    if (words !== null) return { text: words, tool: null, latencies: sound };
    const reply = generateReply({ messages, schema: null, tools: new Set(hasTools ? toolNames : []) });
    if (reply.kind === 'call') return { text: '', tool: reply.tool, latencies: ['reply'] };
    return { text: reply.text, tool: null, latencies: ['reply', ...sound] };
  };
  return {
    id: context.createId('resp'),
    isInConversation: params.conversation !== 'none',
    modality,
    format: parseAudioFormat(format, config.outputFormat, 'response.audio.output.format'),
    voice: voice ?? config.voice,
    metadata: params.metadata ?? null,
    maxOutputTokens: params.max_output_tokens ?? config.maxOutputTokens,
    messages,
    inputAudioMs: items.reduce((sum, item) => sum + (item.message.role === 'user' ? item.audioMs : 0), 0),
    decide,
  };
}

/** How a response stands, for `response.created` and `response.done`. */
export type ResponseState = {
  readonly status: 'in_progress' | 'completed' | 'cancelled' | 'incomplete';
  readonly reason: string | null;
  readonly output: readonly unknown[];
  readonly usage: unknown;
};

/** The `response` of an event. */
export function describeResponse(plan: ResponsePlan, conversationId: string, state: ResponseState) {
  const { status, reason, output, usage } = state;
  return {
    object: 'realtime.response',
    id: plan.id,
    status,
    status_details: status === 'in_progress' || status === 'completed' ? null : { type: status, reason },
    output,
    conversation_id: plan.isInConversation ? conversationId : null,
    output_modalities: [plan.modality],
    max_output_tokens: plan.maxOutputTokens,
    audio: { output: { format: describeFormat(plan.format), voice: plan.voice } },
    usage,
    metadata: plan.metadata,
  };
}
