import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { cutText } from './call/attribute-guard.ts';
import { Attr, ErrorType, type ErrorTypeName, MAX_ATTRIBUTE_LENGTH, SpanEvent } from './conventions/index.ts';

const KNOWN = new Set<string>(Object.values(ErrorType));
const BY_NAME: Readonly<Record<string, ErrorTypeName>> = {
  AbortError: ErrorType.cancelled,
  TimeoutError: ErrorType.timeout,
  SyntaxError: ErrorType.parsing,
  ZodError: ErrorType.validation,
};

/** The closed kind of any thrown value: its own `code` when that is one of the kinds, else by its name, else `internal`. */
export function errorTypeOf(error: unknown): ErrorTypeName {
  const { code, name } = fieldsOf(error);
  if (typeof code === 'string' && KNOWN.has(code)) return code as ErrorTypeName;
  return (typeof name === 'string' && BY_NAME[name]) || ErrorType.internal;
}

/** What may be told of an error: its class, its code, where it was thrown. */
export type ErrorFacts = {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
  readonly stack?: string;
};

/**
 * The facts of any thrown value. Never the message of a foreign error: it quotes what a model or a caller said
 * (`Unexpected token 'J', "Jean Dupont"... is not valid JSON`).
 */
export function errorFacts(error: unknown): ErrorFacts {
  if (typeof error !== 'object' || error === null) return { type: typeof error };
  const { name, code, message, stack } = fieldsOf(error);
  const frames = typeof stack === 'string' ? stack.split('\n').filter((line) => /^\s+at /.test(line)) : [];
  return {
    type: typeof name === 'string' ? name : 'Error',
    // Errors with a code of their own are written for logs: system errors and the closed codes of this code base.
    ...(typeof code === 'string' ? { code, message: typeof message === 'string' ? message : '' } : {}),
    ...(frames.length > 0 ? { stack: frames.join('\n') } : {}),
  };
}

type ErrorFields = {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
};

/** Anything can be thrown, also what throws when it is read. */
function fieldsOf(error: unknown): ErrorFields {
  try {
    const { name, code, message, stack } = (error ?? {}) as ErrorFields;
    return { name, code, message, stack };
  } catch {
    return {};
  }
}

/** Writes a failure on a span. Being cancelled (barge-in, hang-up) is an outcome, not an error: no error status. */
export function recordFailure(span: Span, error: unknown): void {
  const type = errorTypeOf(error);
  span.setAttribute(Attr.errorType, type);
  if (type === ErrorType.cancelled) return;
  const facts = errorFacts(error);
  span.addEvent(SpanEvent.exception, {
    [Attr.exceptionType]: cutText(facts.type, MAX_ATTRIBUTE_LENGTH),
    ...(facts.message ? { [Attr.exceptionMessage]: cutText(facts.message, MAX_ATTRIBUTE_LENGTH) } : {}),
    ...(facts.stack ? { [Attr.exceptionStacktrace]: cutText(facts.stack, MAX_ATTRIBUTE_LENGTH) } : {}),
  });
  span.setStatus({ code: SpanStatusCode.ERROR, message: cutText(facts.message || type, MAX_ATTRIBUTE_LENGTH) });
}
