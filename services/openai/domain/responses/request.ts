import { z } from 'zod';
import { type ApiError, createBadRequest, createMissingParameter } from '../api-error.ts';
import type { Question } from '../chat/answer.ts';
import { type JsonSchema, jsonSchemaSchema } from '../chat/json-schema.ts';
import { type Message, speaksOfJson } from '../chat/messages.ts';
import { checkStrictSchema } from '../chat/strict-schema.ts';
import { parseModel } from '../models.ts';
import { parseInput } from './input.ts';

/** Tokens that a model thinks before it answers, by the effort asked for; the stand-in's rules think nothing by themselves. */
const REASONING_TOKENS: Readonly<Record<string, number>> = {
  none: 0,
  minimal: 0,
  low: 64,
  medium: 192,
  high: 512,
  xhigh: 1_024,
};

const bodySchema = z.looseObject({
  model: z.unknown().optional(),
  input: z.unknown().optional(),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  tools: z
    .array(z.looseObject({ type: z.string(), name: z.string().optional(), parameters: z.unknown().optional() }))
    .nullish(),
  tool_choice: z.unknown().optional(),
  text: z.looseObject({ format: z.looseObject({ type: z.string() }).optional() }).nullish(),
  reasoning: z.looseObject({ effort: z.string().nullish() }).nullish(),
  max_output_tokens: z.number().int().min(16).nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  store: z.boolean().nullish(),
  stream: z.boolean().nullish(),
});
type Body = z.infer<typeof bodySchema>;

/** All that a request may hold, as the types of the openai package 7.55 name it. */
const KNOWN: ReadonlySet<string> = new Set(
  [
    'access_programs background context_management conversation image include input instructions max_output_tokens',
    'max_tool_calls metadata model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key',
    'prompt_cache_options prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options',
    'temperature text tool_choice tools top_logprobs top_p truncation user',
  ].flatMap((names) => names.split(' ')),
);

/** A request of /v1/responses after validation; `input` is what this one brought, to be put after what `previousId` holds. */
export type ResponsesRequest = {
  readonly question: Omit<Question, 'messages'>;
  readonly instructions: readonly Message[];
  readonly input: readonly Message[];
  readonly previousId: string | null;
  readonly reasoningTokens: number;
  readonly isStream: boolean;
  readonly isStored: boolean;
  /** What a response repeats of its request. */
  readonly body: Body;
};

function createInvalidType(error: z.ZodError): ApiError {
  const issue = error.issues[0];
  const param = issue?.path.map(String).join('.') || null;
  return createBadRequest(
    `Invalid type for '${param}': ${issue?.message ?? 'not allowed here'}.`,
    param,
    'invalid_type',
  );
}

function parseFormat(body: Body): JsonSchema | null {
  const format = body.text?.format;
  if (!format || format.type === 'text') return null;
  if (format.type === 'json_object') return {};
  if (format.type !== 'json_schema')
    throw createBadRequest(
      `Invalid value: '${format.type}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
      'text.format.type',
      'invalid_value',
    );
  const named = z
    .looseObject({ name: z.string(), schema: jsonSchemaSchema, strict: z.boolean().nullish() })
    .safeParse(format);
  if (!named.success) throw createMissingParameter(`text.format.${String(named.error.issues[0]?.path[0] ?? 'name')}`);
  const { name, schema, strict } = named.data;
  if (strict) checkStrictSchema(name, schema, 'text.format.schema');
  return schema;
}

function parseTools(body: Body): ReadonlySet<string> {
  const names = (body.tools ?? []).map(({ type, name }, index) => {
    if (type !== 'function')
      throw createBadRequest(
        `This stand-in knows tools of type 'function' only, not '${type}'.`,
        `tools[${index}].type`,
        'unsupported_value',
      );
    if (name === undefined) throw createMissingParameter(`tools[${index}].name`);
    return name;
  });
  return new Set(body.tool_choice === 'none' ? [] : names);
}

function parseEffort(body: Body): number {
  const effort = body.reasoning?.effort ?? 'none';
  const tokens = Object.hasOwn(REASONING_TOKENS, effort) ? REASONING_TOKENS[effort] : undefined;
  if (tokens !== undefined) return tokens;
  throw createBadRequest(
    `Invalid value: '${effort}'. Supported values are: ${Object.keys(REASONING_TOKENS)
      .map((name) => `'${name}'`)
      .join(', ')}.`,
    'reasoning.effort',
    'invalid_value',
  );
}

/** Checks a body as the vendor does. @throws ApiError 400 or 404 in the vendor's words. */
export function parseResponsesRequest(value: unknown): ResponsesRequest {
  const given = z.looseObject({ model: z.unknown().optional() }).safeParse(value);
  const model = parseModel(given.success ? given.data.model : undefined, 'chat').id;
  const parsed = bodySchema.safeParse(value);
  if (!parsed.success) throw createInvalidType(parsed.error);
  const body = parsed.data;
  const unknown = Object.keys(body).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw createBadRequest(`Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter');
  const previousId = body.previous_response_id ?? null;
  if (body.input === undefined && previousId === null)
    throw createBadRequest(
      'One of "input" or "previous_response_id" or "prompt" or "conversation_id" must be provided.',
      'input',
      'missing_required_parameter',
    );
  const input = body.input === undefined ? [] : parseInput(body.input);
  const schema = parseFormat(body);
  const instructions: readonly Message[] = body.instructions ? [{ role: 'system', content: body.instructions }] : [];
  if (body.text?.format?.type === 'json_object' && previousId === null && !speaksOfJson([...instructions, ...input]))
    throw createBadRequest(
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      'input',
    );
  return {
    question: {
      model,
      tools: parseTools(body),
      schema,
      maxTokens: body.max_output_tokens ?? null,
      overhead: `${body.tools ? JSON.stringify(body.tools) : ''}${schema ? JSON.stringify(schema) : ''}`,
    },
    instructions,
    input,
    previousId,
    reasoningTokens: parseEffort(body),
    isStream: body.stream === true,
    isStored: body.store !== false,
    body,
  };
}
