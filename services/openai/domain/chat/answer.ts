import { findContextReply } from '../dialogue/context.ts';
import { followConversation } from '../dialogue/conversation.ts';
import { parsePrompt } from '../dialogue/prompt.ts';
import { decideAfterTool, decideReply, type Reply } from '../dialogue/reply.ts';
import { generateExtraction } from './extraction.ts';
import type { JsonSchema } from './json-schema.ts';
import { findToolAnswer, listContext, listInstructions, listLines, type Message, messageText } from './messages.ts';
import { type PromptCache, splitTokens } from './tokens.ts';

/** What any of the text APIs asks: `schema` is null unless Structured Outputs are asked for; `overhead` is the text of tools and schema, which count as prompt. */
export type Question = {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools: ReadonlySet<string>;
  readonly schema: JsonSchema | null;
  readonly maxTokens: number | null;
  readonly overhead: string;
};

/** Token counts as the vendor reports them. */
type ChatUsage = {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number; readonly audio_tokens: 0 };
  readonly completion_tokens_details: {
    readonly reasoning_tokens: 0;
    readonly audio_tokens: 0;
    readonly accepted_prediction_tokens: 0;
    readonly rejected_prediction_tokens: 0;
  };
};

/** What a request is answered with: text in token-sized pieces, or one call of a tool. */
export type ChatAnswer = {
  readonly pieces: readonly string[];
  readonly tool: string | null;
  readonly finishReason: 'stop' | 'length' | 'tool_calls';
  readonly usage: ChatUsage;
};

/** The vendor counts a few tokens for the frame of each message and of the prompt. */
const TOKENS_A_MESSAGE = 4;
const TOKENS_A_PROMPT = 3;
const TOKENS_A_TOOL_CALL = 11;

/** The assistant's next step in a conversation, for every API alike. */
export function generateReply(request: Pick<Question, 'messages' | 'schema' | 'tools'>): Reply {
  const prompt = parsePrompt(listInstructions(request.messages));
  const lines = listLines(request.messages);
  const conversation = followConversation(lines, prompt);
  if (request.schema)
    return { kind: 'say', text: JSON.stringify(generateExtraction(request.schema, conversation, prompt.now)) };
  const tool = findToolAnswer(request.messages);
  if (tool) return decideAfterTool(conversation, tool.tool, tool.content);
  const found = findContextReply(conversation, lines, listContext(request.messages));
  return found === null ? decideReply(conversation, prompt, request.tools) : { kind: 'say', text: found };
}

function countUsage(request: Question, completionTokens: number, cache: PromptCache): ChatUsage {
  const tokens = splitTokens(`${request.overhead}\n${request.messages.map(messageText).join('\n')}`);
  const promptTokens = tokens.length + request.messages.length * TOKENS_A_MESSAGE + TOKENS_A_PROMPT;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: cache.lookUp(request.model, tokens), audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

/** Answers a request by the messages and the schema it brought, and by nothing else. */
export function generateAnswer(request: Question, cache: PromptCache): ChatAnswer {
  const reply = generateReply(request);
  if (reply.kind === 'call')
    return {
      pieces: [],
      tool: reply.tool,
      finishReason: 'tool_calls',
      usage: countUsage(request, TOKENS_A_TOOL_CALL, cache),
    };
  const all = splitTokens(reply.text);
  const pieces = request.maxTokens === null ? all : all.slice(0, request.maxTokens);
  const finishReason = pieces.length < all.length ? 'length' : 'stop';
  return { pieces, tool: null, finishReason, usage: countUsage(request, pieces.length, cache) };
}
