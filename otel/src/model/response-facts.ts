import { factsOf, type Json, objectAt, parseObject, textAt } from './answer-facts.ts';
import { createEventReader } from './event-lines.ts';
import type { ModelFacts } from './model-facts.ts';

/** Characters of a JSON answer that are kept to read its usage; a longer answer is passed on unread. */
const MAX_JSON_LENGTH = 1_048_576;

/** Watches a response body go by: told every chunk, and the end. */
export type BodyWatcher = { chunk(bytes: Uint8Array): void; end(): void };

/** What a watcher reports, as it becomes known. */
export type BodyListener = {
  /** The first content that the consumer could use. */
  firstContent(): void;
  facts(facts: ModelFacts): void;
  /** The answer has said that it is whole: a consumer that stops now has stopped nothing. */
  complete(): void;
  /** The answer itself says that it failed. */
  failed(message: string): void;
};

/** Whether a body of this type says what it cost; audio does not. */
export function tellsUsage(contentType: string): boolean {
  return contentType.includes('text/event-stream') || contentType.includes('json');
}

/** Picks the watcher for a content type: server-sent events, one JSON document, or plain bytes (audio). */
export function watchBody(contentType: string, listener: BodyListener): BodyWatcher {
  if (contentType.includes('text/event-stream')) return watchEvents(listener);
  if (contentType.includes('json')) return watchJson(listener);
  return {
    chunk(bytes) {
      if (bytes.length > 0) listener.firstContent();
    },
    end() {},
  };
}

const LAST_EVENTS = new Set([
  'response.completed',
  'response.incomplete',
  'response.done',
  'transcript.text.done',
  'speech.audio.done',
]);

function watchEvents(listener: BodyListener): BodyWatcher {
  let hasContent = false;
  let interimCount = 0;
  const reader = createEventReader((data) => {
    if (data === '[DONE]') return listener.complete();
    const kind = /"type"\s*:\s*"([^"]+)"/.exec(data.slice(0, 200))?.[1];
    const isDelta = kind?.endsWith('.delta') === true;
    if (isDelta && kind?.startsWith('transcript')) interimCount += 1;
    // Deltas are most of a stream and tell nothing after the first: reading each would cost the event loop.
    if (hasContent && (isDelta || isPlainChunk(data))) return undefined;
    const event = parseObject(data);
    if (!event) return undefined;
    if (!hasContent && isContent(event)) {
      hasContent = true;
      listener.firstContent();
    }
    listener.facts(interimCount > 0 ? { ...factsOf(event), interimCount } : factsOf(event));
    return readOutcome(event, listener);
  });
  return { chunk: (bytes) => reader.push(bytes), end: () => reader.end() };
}

/** A chunk of a chat stream without usage, finish reason or error. */
function isPlainChunk(data: string): boolean {
  return data.includes('chat.completion.chunk') && !/"(usage|error)"\s*:\s*\{|"finish_reason"\s*:\s*"/.test(data);
}

function readOutcome(event: Json, listener: BodyListener): void {
  const type = textAt(event, 'type') ?? '';
  // An answer that is no stream says by its status what an event says by its type.
  const hasFailed = type === 'response.failed' || type === 'error' || textAt(event, 'status') === 'failed';
  if (hasFailed || objectAt(event, 'error')) {
    const error = objectAt(event, 'error') ?? objectAt(objectAt(event, 'response'), 'error') ?? event;
    listener.failed(textAt(error, 'code') ?? 'error');
  } else if (LAST_EVENTS.has(type)) listener.complete();
}

function watchJson(listener: BodyListener): BodyWatcher {
  const decoder = new TextDecoder();
  let text = '';
  return {
    chunk(bytes) {
      if (text.length <= MAX_JSON_LENGTH) text += decoder.decode(bytes, { stream: true });
    },
    end() {
      const answer = text.length <= MAX_JSON_LENGTH ? parseObject(text) : undefined;
      if (!answer) return;
      listener.facts(factsOf(answer));
      readOutcome(answer, listener);
    },
  };
}

/** First content: a token of a chat stream, or a delta of any other; a role alone is none. */
function isContent(event: Json): boolean {
  const choice = Array.isArray(event.choices) ? (event.choices[0] as Json | undefined) : undefined;
  const delta = objectAt(choice, 'delta');
  if (delta) return Boolean(delta.content || delta.tool_calls || delta.refusal);
  return typeof event.type === 'string' && event.type.endsWith('.delta');
}
