import { z } from 'zod';
import { createBadRequest, createMissingParameter } from '../api-error.ts';
import type { Message } from '../chat/messages.ts';

const textSchema = z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))]);

const messageSchema = z.looseObject({
  type: z.literal('message').optional(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: textSchema,
});
const callSchema = z.looseObject({ type: z.literal('function_call'), call_id: z.string(), name: z.string() });
const outputSchema = z.looseObject({
  type: z.literal('function_call_output'),
  call_id: z.string(),
  output: textSchema,
});

/** Parts of an input that are no talk and that a client sends back as it got them. */
const PASSED_OVER: ReadonlySet<unknown> = new Set(['reasoning', 'item_reference']);

function parseItem(value: unknown, index: number): readonly Message[] {
  const param = `input[${index}]`;
  const type: unknown = value !== null && typeof value === 'object' && 'type' in value ? value.type : undefined;
  if (PASSED_OVER.has(type)) return [];
  const call = callSchema.safeParse(value);
  if (call.success)
    return [{ role: 'assistant', tool_calls: [{ id: call.data.call_id, function: { name: call.data.name } }] }];
  const output = outputSchema.safeParse(value);
  if (output.success) return [{ role: 'tool', tool_call_id: output.data.call_id, content: output.data.output }];
  const message = messageSchema.safeParse(value);
  if (message.success) return [{ role: message.data.role, content: message.data.content }];
  if (type !== undefined && !['message', 'function_call', 'function_call_output'].includes(String(type)))
    throw createBadRequest(`Invalid value: '${String(type)}'.`, `${param}.type`, 'invalid_value');
  const schema = type === 'function_call' ? call : type === 'function_call_output' ? output : message;
  const field = String(schema.error?.issues[0]?.path[0] ?? 'role');
  const isGiven = value !== null && typeof value === 'object' && field in value;
  throw isGiven
    ? createBadRequest(`Invalid value for '${param}.${field}'.`, `${param}.${field}`, 'invalid_value')
    : createMissingParameter(`${param}.${field}`);
}

/** Refuses the output of a call that was never made, and a call that has no output. @throws ApiError 400 */
export function checkToolOutputs(messages: readonly Message[]): void {
  const called = messages.flatMap(({ tool_calls: calls }) => calls ?? []).map(({ id }) => id);
  const answered = messages.filter(({ role }) => role === 'tool').map(({ tool_call_id: id }) => id ?? '');
  const orphan = answered.find((id) => !called.includes(id));
  if (orphan !== undefined)
    throw createBadRequest(`No tool call found for function call output with call_id ${orphan}.`, 'input');
  const open = called.find((id) => !answered.includes(id));
  if (open !== undefined) throw createBadRequest(`No tool output found for function call ${open}.`, 'input');
}

/** The `input` of a response, a string or a list of items, as messages. @throws ApiError 400 naming the item. */
export function parseInput(value: unknown): readonly Message[] {
  if (typeof value === 'string') return [{ role: 'user', content: value }];
  if (!Array.isArray(value))
    throw createBadRequest(
      "Invalid type for 'input': expected one of an array of objects or a string.",
      'input',
      'invalid_type',
    );
  return value.flatMap(parseItem);
}
