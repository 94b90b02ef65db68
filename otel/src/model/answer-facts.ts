import type { ModelUsage } from '../cost/model-usage.ts';
import type { ModelFacts } from './model-facts.ts';

/** A JSON object of a stranger: nothing about it is certain. */
export type Json = Readonly<Record<string, unknown>>;

/** `text` as a JSON object; undefined for anything else. */
export function parseObject(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** The object under `key`, if there is one. */
export function objectAt(object: Json | undefined, key: string): Json | undefined {
  const value = object?.[key];
  return typeof value === 'object' && value !== null ? (value as Json) : undefined;
}

/** The text under `key`, if there is one. */
export function textAt(object: Json | undefined, key: string): string | undefined {
  const value = object?.[key];
  return typeof value === 'string' ? value : undefined;
}

/**
 * Usage, model and finish reasons of an answer, or of one event of its stream: chat completions, responses (their events
 * wrap the answer in `response`), transcriptions, speech. Field names: types of the openai package 7.55.
 */
export function factsOf(event: Json): ModelFacts {
  const answer = objectAt(event, 'response') ?? event;
  const facts: Told<ModelFacts> = usageOf(objectAt(answer, 'usage'));
  if (facts.audioSeconds === undefined) put(facts, 'audioSeconds', numberAt(answer, 'duration'));
  const responseModel = textAt(answer, 'model');
  if (responseModel !== undefined) facts.responseModel = responseModel;
  const finishReasons = finishReasonsOf(answer);
  if (finishReasons.length > 0) facts.finishReasons = finishReasons;
  return facts;
}

type Told<T> = { -readonly [K in keyof T]: T[K] };

/** The usage object of any API: chat names prompt and completion, the others input and output. */
export function usageOf(usage: Json | undefined): ModelUsage {
  const told: Told<ModelUsage> = {};
  if (!usage) return told;
  const input =
    objectAt(usage, 'prompt_tokens_details') ??
    objectAt(usage, 'input_tokens_details') ??
    objectAt(usage, 'input_token_details');
  const output =
    objectAt(usage, 'completion_tokens_details') ??
    objectAt(usage, 'output_tokens_details') ??
    objectAt(usage, 'output_token_details');
  put(told, 'inputTokens', numberAt(usage, 'prompt_tokens') ?? numberAt(usage, 'input_tokens'));
  put(told, 'outputTokens', numberAt(usage, 'completion_tokens') ?? numberAt(usage, 'output_tokens'));
  put(told, 'cachedTokens', numberAt(input, 'cached_tokens'));
  put(told, 'cacheWriteTokens', numberAt(input, 'cache_write_tokens'));
  put(told, 'reasoningTokens', numberAt(output, 'reasoning_tokens'));
  put(told, 'audioInputTokens', numberAt(input, 'audio_tokens'));
  put(told, 'cachedAudioTokens', numberAt(objectAt(input, 'cached_tokens_details'), 'audio_tokens'));
  put(told, 'audioOutputTokens', numberAt(output, 'audio_tokens'));
  put(told, 'audioSeconds', numberAt(usage, 'seconds'));
  return told;
}

/** Chat: of each choice. Responses: their status, or why they are incomplete. */
function finishReasonsOf(answer: Json): string[] {
  const choices = Array.isArray(answer.choices) ? (answer.choices as (Json | null)[]) : [];
  const reasons = choices.map((choice) => choice?.finish_reason).filter((reason) => typeof reason === 'string');
  if (reasons.length > 0) return reasons;
  const status = textAt(answer, 'status');
  if (!status || status === 'in_progress' || status === 'queued') return [];
  const reason = textAt(objectAt(answer, 'incomplete_details'), 'reason');
  return [reason ?? textAt(objectAt(answer, 'status_details'), 'reason') ?? status];
}

function put(told: Told<ModelUsage>, key: keyof ModelUsage, value: number | undefined): void {
  if (value !== undefined) told[key] = value;
}

function numberAt(object: Json | undefined, key: string): number | undefined {
  const value = object?.[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
