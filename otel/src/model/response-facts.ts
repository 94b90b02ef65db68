import type { ModelFacts } from './model-call.ts';

/** Bytes of a JSON answer that are kept to read its usage; a longer answer is passed on unread. */
const MAX_JSON_BYTES = 1_048_576;

/** Watches a response body go by: told every chunk, and the end. */
export type BodyWatcher = { chunk(bytes: Uint8Array): void; end(): void };

/** What a watcher reports: the first content, and facts as they become known. */
export type BodyListener = { firstContent(): void; facts(facts: ModelFacts): void };

type Json = Readonly<Record<string, unknown>>;

/** Picks the watcher for a content type: server-sent events, one JSON document, or plain bytes (audio). */
export function watchBody(contentType: string, listener: BodyListener): BodyWatcher {
  if (contentType.includes('text/event-stream')) return watchEvents(listener);
  if (contentType.includes('application/json')) return watchJson(listener);
  return { chunk: (bytes) => bytes.length > 0 && listener.firstContent(), end() {} } as BodyWatcher;
}

function watchEvents(listener: BodyListener): BodyWatcher {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    chunk(bytes) {
      rest += decoder.decode(bytes, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.startsWith('data:')) readEvent(line.slice(5).trim(), listener);
    },
    end() {},
  };
}

function readEvent(data: string, listener: BodyListener): void {
  const event = parse(data);
  if (!event) return;
  if (hasContent(event)) listener.firstContent();
  listener.facts(factsOf(event));
}

function watchJson(listener: BodyListener): BodyWatcher {
  const chunks: Uint8Array[] = [];
  let length = 0;
  return {
    chunk(bytes) {
      length += bytes.length;
      if (length <= MAX_JSON_BYTES) chunks.push(bytes);
    },
    end() {
      const answer = length <= MAX_JSON_BYTES ? parse(Buffer.concat(chunks).toString('utf8')) : undefined;
      if (answer) listener.facts(factsOf(answer));
    },
  };
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** First content: a token of a chat stream, a transcript delta or a chunk of speech; a role alone is none. */
function hasContent(event: Json): boolean {
  const delta = objectAt(firstOf(event.choices), 'delta');
  if (delta) return Boolean(delta.content || delta.tool_calls || delta.refusal);
  return typeof event.type === 'string' && event.type.endsWith('.delta');
}

/** Usage, model and finish reasons of a chat, transcription or speech answer (or of one event of its stream). */
function factsOf(answer: Json): ModelFacts {
  const usage = objectAt(answer, 'usage');
  const choices = Array.isArray(answer.choices) ? (answer.choices as (Json | null)[]) : [];
  const finishReasons = choices.map((choice) => choice?.finish_reason).filter((reason) => typeof reason === 'string');
  return {
    ...only('responseModel', typeof answer.model === 'string' ? answer.model : undefined),
    ...(finishReasons.length > 0 ? { finishReasons } : {}),
    ...only('inputTokens', numberAt(usage, 'prompt_tokens') ?? numberAt(usage, 'input_tokens')),
    ...only('outputTokens', numberAt(usage, 'completion_tokens') ?? numberAt(usage, 'output_tokens')),
    ...only('cachedTokens', numberAt(objectAt(usage, 'prompt_tokens_details'), 'cached_tokens')),
    ...only('reasoningTokens', numberAt(objectAt(usage, 'completion_tokens_details'), 'reasoning_tokens')),
  };
}

function only<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

function firstOf(value: unknown): Json | undefined {
  return Array.isArray(value) ? (value[0] as Json | undefined) : undefined;
}

function objectAt(object: Json | undefined, key: string): Json | undefined {
  const value = object?.[key];
  return typeof value === 'object' && value !== null ? (value as Json) : undefined;
}

function numberAt(object: Json | undefined, key: string): number | undefined {
  const value = object?.[key];
  return typeof value === 'number' ? value : undefined;
}
