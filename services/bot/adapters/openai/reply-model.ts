import type OpenAI from 'openai';
import { ProviderError } from '../../domain/errors.ts';
import type { ReplyModel } from '../../domain/ports.ts';
import { withoutThinking } from './effort.ts';
import { toProviderError } from './errors.ts';

const MAX_REPLY_TOKENS = 200;

const SAVE_RECORD = {
  type: 'function',
  function: {
    name: 'save_record',
    description: 'Note the appointment. Only when the caller has confirmed the read-back.',
    parameters: { type: 'object', properties: {}, additionalProperties: false },
    strict: true,
  },
} as const;

/** Replies by streamed chat completions. The default effort of current models is too slow for a telephone: none. */
export function createReplyModel(client: OpenAI, model: string): ReplyModel {
  return {
    async *reply({ messages, signal }) {
      try {
        const stream = await client.chat.completions.create(
          {
            model,
            messages: [...messages],
            stream: true,
            stream_options: { include_usage: true },
            tools: [SAVE_RECORD],
            ...withoutThinking(model),
            max_completion_tokens: MAX_REPLY_TOKENS,
          },
          { signal },
        );
        let finished = false;
        for await (const chunk of stream) {
          const choice = chunk.choices[0];
          if (choice?.delta.content) yield { kind: 'text', text: choice.delta.content };
          for (const call of choice?.delta.tool_calls ?? []) {
            if (call.function?.name) yield { kind: 'tool', name: call.function.name };
          }
          if (choice?.finish_reason) finished = true;
        }
        if (!finished && !signal.aborted) throw new ProviderError('api', 'the reply was cut off');
      } catch (error) {
        throw toProviderError(error, signal);
      }
    },
  };
}
