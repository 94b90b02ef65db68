import type OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { ProviderError } from '../../domain/errors.ts';
import type { Extractor } from '../../domain/ports.ts';
import { type Extraction, ExtractionSchema } from '../../domain/record.ts';
import { withoutThinking } from './effort.ts';
import { toProviderError } from './errors.ts';

/** Fills the form by Structured Outputs. Parsed here, not by the package: its `.parse()` loses usage and request id on failure. */
export function createExtractor(client: OpenAI, model: string): Extractor {
  const format = zodResponseFormat(ExtractionSchema, 'call_record');
  return {
    async extract({ messages, signal }) {
      try {
        const answer = await client.chat.completions.create(
          { model, messages: [...messages], response_format: format, ...withoutThinking(model) },
          { signal },
        );
        return parseExtraction(answer.choices[0]);
      } catch (error) {
        throw toProviderError(error, signal);
      }
    },
  };
}

type Choice = OpenAI.Chat.Completions.ChatCompletion.Choice;

function parseExtraction(choice: Choice | undefined): Extraction {
  if (!choice) throw new ProviderError('model', 'the model gave no answer');
  if (choice.message.refusal) throw new ProviderError('model', 'the model refused');
  if (choice.finish_reason === 'length') throw new ProviderError('model', 'the answer was cut by the token limit');
  const parsed = ExtractionSchema.safeParse(JSON.parse(choice.message.content ?? ''));
  if (!parsed.success) throw new ProviderError('validation', 'the answer does not fit the form', parsed.error);
  return parsed.data;
}
