import { type Attributes, type Context, trace } from '@opentelemetry/api';
import { callRefOf } from '../call/call-context.ts';
import { Attr } from '../conventions/index.ts';
import { type ErrorFacts, errorFacts } from '../error-type.ts';
import type { Redactor } from '../redaction/redactor.ts';
import type { LineLevel } from './log-levels.ts';
import type { LineGiven } from './log-methods.ts';

/** One line before it is written: plain, redacted, bounded. */
export type LogLine = {
  readonly level: LineLevel;
  readonly timeMs: number;
  readonly context: string | undefined;
  readonly message: string;
  readonly event: string | undefined;
  readonly error: ErrorFacts | undefined;
  /** Call, stream and turn, as attributes have them. */
  readonly call: Attributes;
  readonly span: SpanIds | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
};

type SpanIds = { readonly trace_id: string; readonly span_id: string; readonly trace_flags: string };

const MAX_MESSAGE_LENGTH = 4096;
const MAX_EVENT_LENGTH = 100;
/** Keys of a JSON line that are not the caller's to set: a field of this name gets an underscore behind it. */
const OWN_KEYS = new Set([
  'level',
  'time',
  'service',
  'context',
  'msg',
  'event',
  'error',
  'trace_id',
  'span_id',
  'trace_flags',
  Attr.callSid,
  Attr.conversationId,
  Attr.streamSid,
  Attr.turnIndex,
]);

/** Makes the line of what was given, in `where`. May throw, when the clock or the redactor does. */
export function createLogLine(
  given: LineGiven,
  where: Context,
  from: { context?: string; redactor: Redactor },
): LogLine {
  const { redactor } = from;
  const error = fieldOf(given.fields, 'error');
  const event = fieldOf(given.fields, 'event');
  return {
    level: given.level,
    timeMs: Date.now(),
    context: from.context,
    message: messageOf(given.message, redactor),
    event: typeof event === 'string' ? redactor.text(event).slice(0, MAX_EVENT_LENGTH) : undefined,
    error: error === undefined || error === null ? undefined : factsOf(error, redactor),
    call: callOf(where),
    span: spanOf(where),
    fields: fieldsOf(given.fields, redactor),
  };
}

/** The call that a context belongs to, as fields. */
export function callOf(where: Context): Attributes {
  const ref = callRefOf(where);
  if (!ref) return {};
  const { callSid, streamSid, turnIndex } = ref;
  const call: Attributes = callSid ? { [Attr.conversationId]: callSid, [Attr.callSid]: callSid } : {};
  if (streamSid) call[Attr.streamSid] = streamSid;
  if (turnIndex !== undefined) call[Attr.turnIndex] = turnIndex;
  return call;
}

function spanOf(where: Context): SpanIds | undefined {
  const span = trace.getSpanContext(where);
  if (!span) return undefined;
  const flags = span.traceFlags.toString(16).padStart(2, '0');
  return { trace_id: span.traceId, span_id: span.spanId, trace_flags: flags };
}

/** Under this key the message is read as an error's, which quotes. */
function factsOf(error: unknown, redactor: Redactor): ErrorFacts {
  return (redactor.fields({ error: errorFacts(error) }) as { readonly error: ErrorFacts }).error;
}

function messageOf(message: unknown, redactor: Redactor): string {
  const text = typeof message === 'string' ? message : (JSON.stringify(redactor.fields(message)) ?? '');
  // Cut first, a number could be torn in two, and has no form any more.
  return redactor.text(text).slice(0, MAX_MESSAGE_LENGTH);
}

function fieldsOf(fields: unknown, redactor: Redactor): Record<string, unknown> {
  const plain = redactor.fields(fields);
  if (typeof plain !== 'object' || plain === null) return plain === undefined ? {} : { value: plain };
  const own: Record<string, unknown> = {};
  for (const key in plain) {
    const value = (plain as Record<string, unknown>)[key];
    if (key === 'event' || key === 'error' || value === undefined) continue;
    own[OWN_KEYS.has(key) ? `${key}_` : key] = value;
  }
  return own;
}

/** Anything may be handed in, also what throws when it is looked at. */
function fieldOf(fields: unknown, key: string): unknown {
  try {
    return (fields as Record<string, unknown> | undefined)?.[key];
  } catch {
    return undefined;
  }
}
