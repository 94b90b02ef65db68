import type { ChatAnswer } from '../chat/answer.ts';
import type { Message } from '../chat/messages.ts';
import type { ResponsesRequest } from './request.ts';

/** Ids of a response and its parts. `createdAt` is epoch seconds. */
export type ResponseFrame = {
  readonly id: string;
  readonly messageId: string;
  readonly functionCallId: string;
  readonly reasoningId: string;
  readonly callId: string;
  readonly createdAt: number;
};

/** An event of the stream without its number; `isToken` when it carries a part of the answer. */
export type ResponseEvent = { readonly type: string; readonly isToken: boolean; readonly [key: string]: unknown };

/** A whole answer and the events that build it up. */
export type BuiltResponse = { readonly response: unknown; readonly events: readonly ResponseEvent[] };

function countUsage({ usage }: ChatAnswer, reasoningTokens: number) {
  const output = usage.completion_tokens + reasoningTokens;
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: { cached_tokens: usage.prompt_tokens_details.cached_tokens, cache_write_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoningTokens },
    total_tokens: usage.prompt_tokens + output,
  };
}

function describe(request: ResponsesRequest, frame: ResponseFrame) {
  const { body, question, previousId, isStored } = request;
  return {
    id: frame.id,
    object: 'response',
    created_at: frame.createdAt,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: question.maxTokens,
    model: question.model,
    output: [] as readonly unknown[],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: previousId,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    service_tier: 'default',
    store: isStored,
    temperature: body.temperature ?? 1,
    text: { format: body.text?.format ?? { type: 'text' }, verbosity: 'medium' },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    usage: null as unknown,
    metadata: body.metadata ?? {},
    access_programs: null,
  };
}

/** One part of the output: the finished item and the events from its start to its end. */
type OutputPart = { readonly item: unknown; readonly events: readonly ResponseEvent[] };

const event = (type: string, rest: Readonly<Record<string, unknown>>, isToken = false): ResponseEvent => ({
  ...rest,
  type,
  isToken,
});

function frameItem(index: number, start: unknown, item: unknown, inside: readonly ResponseEvent[]): OutputPart {
  const added = event('response.output_item.added', { output_index: index, item: start });
  return { item, events: [added, ...inside, event('response.output_item.done', { output_index: index, item })] };
}

function buildReasoning(frame: ResponseFrame): OutputPart {
  const item = { id: frame.reasoningId, type: 'reasoning', summary: [] };
  return frameItem(0, item, item, []);
}

function buildCall(frame: ResponseFrame, name: string, index: number): OutputPart {
  const place = { item_id: frame.functionCallId, output_index: index };
  const call = { id: frame.functionCallId, type: 'function_call', call_id: frame.callId, name };
  return frameItem(
    index,
    { ...call, arguments: '', status: 'in_progress' },
    { ...call, arguments: '{}', status: 'completed' },
    [
      event('response.function_call_arguments.delta', { ...place, delta: '{}' }, true),
      event('response.function_call_arguments.done', { ...place, arguments: '{}' }),
    ],
  );
}

function buildMessage(frame: ResponseFrame, answer: ChatAnswer, index: number): OutputPart {
  const place = { item_id: frame.messageId, output_index: index, content_index: 0 };
  const text = answer.pieces.join('');
  const part = (content: string) => ({ type: 'output_text', text: content, annotations: [], logprobs: [] });
  const message = { id: frame.messageId, type: 'message', role: 'assistant' };
  const status = answer.finishReason === 'length' ? 'incomplete' : 'completed';
  return frameItem(
    index,
    { ...message, status: 'in_progress', content: [] },
    { ...message, status, content: [part(text)] },
    [
      event('response.content_part.added', { ...place, part: part('') }),
      ...answer.pieces.map((delta) => event('response.output_text.delta', { ...place, delta, logprobs: [] }, true)),
      event('response.output_text.done', { ...place, text, logprobs: [] }),
      event('response.content_part.done', { ...place, part: part(text) }),
    ],
  );
}

/** A response in the vendor's shape, whole and as the events of a stream (https://platform.openai.com/docs/api-reference/responses-streaming). */
export function buildResponse(request: ResponsesRequest, answer: ChatAnswer, frame: ResponseFrame): BuiltResponse {
  const start = describe(request, frame);
  const thought = request.reasoningTokens > 0 ? [buildReasoning(frame)] : [];
  const index = thought.length;
  const said = answer.tool === null ? buildMessage(frame, answer, index) : buildCall(frame, answer.tool, index);
  const parts = [...thought, said];
  const isCut = answer.finishReason === 'length';
  const status = isCut ? 'incomplete' : 'completed';
  const response = {
    ...start,
    status,
    ...(isCut ? { incomplete_details: { reason: 'max_output_tokens' } } : { completed_at: frame.createdAt }),
    output: parts.map(({ item }) => item),
    usage: countUsage(answer, request.reasoningTokens),
  };
  const events = [
    event('response.created', { response: start }),
    event('response.in_progress', { response: start }),
    ...parts.flatMap((part) => part.events),
    event(`response.${status}`, { response }),
  ];
  return { response, events };
}

/** What the assistant did, as the message that the next request goes on from. */
export function answerMessage(answer: ChatAnswer, frame: ResponseFrame): Message {
  if (answer.tool === null) return { role: 'assistant', content: answer.pieces.join('') };
  return { role: 'assistant', tool_calls: [{ id: frame.callId, function: { name: answer.tool } }] };
}
