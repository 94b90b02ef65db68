import { z } from 'zod';
import { type ApiError, createBadRequest, createMissingParameter } from '../api-error.ts';
import { parseModel } from '../models.ts';
import type { Question } from './answer.ts';
import { type JsonSchema, jsonSchemaSchema } from './json-schema.ts';
import { type Message, messageSchema, speaksOfJson } from './messages.ts';
import { checkStrictSchema } from './strict-schema.ts';

/** A chat request after validation. */
export type ChatRequest = Question & { readonly isStream: boolean; readonly includesUsage: boolean };

const ROLES = "'system', 'assistant', 'user', 'function', 'tool', and 'developer'";

const bodySchema = z.looseObject({
  tools: z
    .array(z.looseObject({ type: z.string(), function: z.looseObject({ name: z.string() }).optional() }))
    .optional(),
  tool_choice: z.unknown().optional(),
  stream: z.boolean().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  n: z.literal(1, 'this stand-in gives one choice only').nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
});

/** All that a request may hold, as the types of the openai package 7.55 name it. */
const KNOWN: ReadonlySet<string> = new Set(
  [
    'messages model audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens',
    'metadata modalities moderation n parallel_tool_calls prediction presence_penalty prompt_cache_key',
    'prompt_cache_options prompt_cache_retention reasoning_effort response_format safety_identifier seed service_tier',
    'stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options',
  ].flatMap((names) => names.split(' ')),
);

/** The vendor's sentence for the first thing that is wrong with a field. */
function createInvalidType(error: z.ZodError, prefix = ''): ApiError {
  const issue = error.issues[0];
  const param = [prefix, ...(issue?.path.map(String) ?? [])].filter(Boolean).join('.');
  return createBadRequest(
    `Invalid type for '${param}': ${issue?.message ?? 'not allowed here'}.`,
    param,
    'invalid_type',
  );
}

function parseMessages(value: unknown): readonly Message[] {
  if (value === undefined) throw createMissingParameter('messages');
  if (!Array.isArray(value)) {
    const got = value === null ? 'null' : `a ${typeof value}`;
    throw createBadRequest(
      `Invalid type for 'messages': expected an array of objects, but got ${got} instead.`,
      'messages',
      'invalid_type',
    );
  }
  if (value.length === 0)
    throw createBadRequest(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    );
  const messages = value.map((message, index) => parseMessage(message, index));
  checkToolAnswers(messages);
  return messages;
}

function parseMessage(value: unknown, index: number): Message {
  const param = `messages[${index}]`;
  const role: unknown = value !== null && typeof value === 'object' && 'role' in value ? value.role : undefined;
  if (role === undefined) throw createMissingParameter(`${param}.role`);
  if (!messageSchema.shape.role.safeParse(role).success)
    throw createBadRequest(
      `Invalid value: '${String(role)}'. Supported values are: ${ROLES}.`,
      `${param}.role`,
      'invalid_value',
    );
  const parsed = messageSchema.safeParse(value);
  if (!parsed.success) throw createInvalidType(parsed.error, param);
  if ((parsed.data.content ?? null) !== null || (parsed.data.tool_calls ?? []).length > 0) return parsed.data;
  if (parsed.data.role !== 'assistant') throw createMissingParameter(`${param}.content`);
  throw createBadRequest("Invalid value for 'content': expected a string, got null.", `messages.[${index}].content`);
}

/** Each call of a tool is answered, right after the message that made it, and nothing else is. */
function checkToolAnswers(messages: readonly Message[]): void {
  let called = new Set<string>();
  let unanswered = new Set<string>();
  messages.forEach((message, index) => {
    if (message.role !== 'tool') {
      refuseUnanswered(unanswered, `messages.[${index}].role`);
      called = new Set((message.tool_calls ?? []).map(({ id }) => id));
      unanswered = new Set(called);
    } else if (!called.has(message.tool_call_id ?? ''))
      throw createBadRequest(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        `messages.[${index}].role`,
      );
    else unanswered.delete(message.tool_call_id ?? '');
  });
  refuseUnanswered(unanswered, 'messages');
}

function refuseUnanswered(ids: ReadonlySet<string>, param: string): void {
  if (ids.size === 0) return;
  throw createBadRequest(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...ids].join(', ')}`,
    param,
  );
}

function parseResponseFormat(value: unknown): JsonSchema | null {
  if (value === undefined || value === null) return null;
  const format = z.looseObject({ type: z.string(), json_schema: z.unknown().optional() }).safeParse(value);
  if (!format.success) throw createMissingParameter('response_format.type');
  const { type, json_schema: given } = format.data;
  if (type === 'text') return null;
  if (type === 'json_object') return {};
  if (type !== 'json_schema')
    throw createBadRequest(
      `Invalid value: '${type}'. Supported values are: 'json_object', 'json_schema', and 'text'.`,
      'response_format.type',
      'invalid_value',
    );
  if (given === undefined) throw createMissingParameter('response_format.json_schema');
  const named = z
    .looseObject({ name: z.string(), strict: z.boolean().nullish(), schema: jsonSchemaSchema.optional() })
    .safeParse(given);
  if (!named.success) {
    const field = String(named.error.issues[0]?.path[0] ?? 'name');
    throw createMissingParameter(`response_format.json_schema.${field}`);
  }
  const schema = named.data.schema ?? {};
  if (named.data.strict) checkStrictSchema(named.data.name, schema);
  return schema;
}

/** A name that is no parameter, or none of this model: a misspelt limit would limit nothing. */
function checkNames(model: string, body: object): void {
  const isUnknown = (name: string) => !KNOWN.has(name) || (name === 'reasoning_effort' && isWithoutReasoning(model));
  const unknown = Object.entries(body).filter(([name, value]) => value !== null && isUnknown(name));
  if (unknown.length === 0) return;
  const names = unknown.map(([name]) => name).join(', ');
  throw createBadRequest(`Unrecognized request argument${unknown.length > 1 ? 's' : ''} supplied: ${names}`);
}

const isWithoutReasoning = (model: string) => /^gpt-4/u.test(model);

function checkTools({ tools, tool_choice: choice }: z.infer<typeof bodySchema>): void {
  if ((choice ?? null) === null || tools) return;
  const message = "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.";
  throw createBadRequest(message, 'tool_choice');
}

const asksForAnyObject = (format: unknown) =>
  z.looseObject({ type: z.literal('json_object') }).safeParse(format).success;

function checkLimits(model: string, body: z.infer<typeof bodySchema>): void {
  if (body.stream_options && !body.stream)
    throw createBadRequest(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
    );
  if (body.max_tokens && !isWithoutReasoning(model))
    throw createBadRequest(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
      'unsupported_parameter',
    );
}

/** Checks a body as the vendor does. @throws ApiError 400 or 404 in the vendor's words. */
export function parseChatRequest(value: unknown): ChatRequest {
  const record = z
    .looseObject({
      model: z.unknown().optional(),
      messages: z.unknown().optional(),
      response_format: z.unknown().optional(),
    })
    .safeParse(value);
  if (!record.success) throw createBadRequest('you must provide a model parameter');
  const model = parseModel(record.data.model, 'chat').id;
  const messages = parseMessages(record.data.messages);
  const parsed = bodySchema.safeParse(value);
  if (!parsed.success) throw createInvalidType(parsed.error);
  const body = parsed.data;
  checkNames(model, body);
  checkTools(body);
  checkLimits(model, body);
  const tools = (body.tools ?? []).map((tool, index) => {
    if (tool.function) return tool.function.name;
    throw createMissingParameter(`tools[${index}].function`);
  });
  const schema = parseResponseFormat(record.data.response_format);
  if (schema && asksForAnyObject(record.data.response_format) && !speaksOfJson(messages))
    throw createBadRequest(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      'messages',
    );
  return {
    model,
    messages,
    tools: new Set(body.tool_choice === 'none' ? [] : tools),
    schema,
    isStream: body.stream === true,
    includesUsage: body.stream_options?.include_usage === true,
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
    overhead: `${body.tools ? JSON.stringify(body.tools) : ''}${schema ? JSON.stringify(schema) : ''}`,
  };
}
