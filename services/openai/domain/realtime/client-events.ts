import { z } from 'zod';
import { createBadRequest, createMissingParameter } from '../api-error.ts';
import { createInvalidField, tokenLimitSchema } from './session-config.ts';

const named = <const T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.looseObject({ type: z.literal(type), ...shape });

const responseSchema = z.looseObject({
  conversation: z.string().default('auto'),
  input: z.array(z.unknown()).nullish(),
  instructions: z.string().nullish(),
  output_modalities: z
    .array(z.enum(['text', 'audio']))
    .length(1)
    .nullish(),
  audio: z
    .looseObject({ output: z.looseObject({ format: z.unknown(), voice: z.unknown() }).partial().optional() })
    .nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  tools: z.array(z.looseObject({ name: z.string() })).nullish(),
  tool_choice: z.unknown().optional(),
  max_output_tokens: tokenLimitSchema.optional(),
});

/** What `response.create` asks for; what it leaves out is the session's. */
export type ResponseParams = z.infer<typeof responseSchema>;

const eventSchema = z.discriminatedUnion('type', [
  named('session.update', { session: z.unknown() }),
  named('input_audio_buffer.append', { audio: z.string() }),
  named('input_audio_buffer.commit', {}),
  named('input_audio_buffer.clear', {}),
  named('conversation.item.create', { item: z.unknown(), previous_item_id: z.string().nullish() }),
  named('conversation.item.retrieve', { item_id: z.string() }),
  named('conversation.item.truncate', {
    item_id: z.string(),
    content_index: z.literal(0),
    audio_end_ms: z.number().min(0),
  }),
  named('conversation.item.delete', { item_id: z.string() }),
  named('response.create', { response: responseSchema.optional() }),
  named('response.cancel', { response_id: z.string().optional() }),
]);

/** An event of the client, checked as far as its own fields go. */
export type ClientEvent = z.infer<typeof eventSchema>;

const TYPES = eventSchema.options.map(({ shape }) => shape.type.value);

/** The settings of a response that is not asked for but follows a turn. */
export const AUTOMATIC_RESPONSE: ResponseParams = { conversation: 'auto' };

/** The `event_id` that the client gave, to be named in an error; null when there is none. */
export function readEventId(value: unknown): string | null {
  const id = value !== null && typeof value === 'object' && 'event_id' in value ? value.event_id : null;
  return typeof id === 'string' ? id : null;
}

/** Reads a parsed message. @throws ApiError 400 in the vendor's words. */
export function parseClientEvent(value: unknown): ClientEvent {
  const type: unknown = value !== null && typeof value === 'object' && 'type' in value ? value.type : undefined;
  if (type === undefined) throw createMissingParameter('type');
  if (!TYPES.some((known) => known === type)) {
    const list = TYPES.map((name) => `'${name}'`).join(', ');
    throw createBadRequest(`Invalid value: '${String(type)}'. Supported values are: ${list}.`, 'type', 'invalid_value');
  }
  const parsed = eventSchema.safeParse(value);
  if (!parsed.success) throw createInvalidField(parsed.error, '');
  return parsed.data;
}

/** Reads a text frame. @throws ApiError 400 `invalid_json` */
export function parseFrame(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw createBadRequest(
      'The server could not parse the JSON body of your event. Each message must be one JSON object.',
      null,
      'invalid_json',
    );
  }
}
