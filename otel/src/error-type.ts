import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { cutText } from './call/attribute-guard.ts';
import { Attr, ErrorType, type ErrorTypeName, MAX_ATTRIBUTE_LENGTH, SpanEvent } from './conventions/index.ts';

const KNOWN = new Set<string>(Object.values(ErrorType));
const BY_NAME = new Map<unknown, ErrorTypeName>([
  ['AbortError', ErrorType.cancelled],
  ['TimeoutError', ErrorType.timeout],
  ['SyntaxError', ErrorType.parsing],
  ['ZodError', ErrorType.validation],
  // The openai package names all of its errors `Error`: only their class tells them apart.
  ['APIUserAbortError', ErrorType.cancelled],
  ['APIConnectionTimeoutError', ErrorType.timeout],
  ['APIConnectionError', ErrorType.api],
]);

/**
 * The closed kind of any thrown value: its own `code` when that is one of the kinds, else by its name, its class or its
 * HTTP `status`, else `internal`.
 */
export function errorTypeOf(error: unknown): ErrorTypeName {
  const { code, name, className, status } = fieldsOf(error);
  if (typeof code === 'string' && KNOWN.has(code)) return code as ErrorTypeName;
  const told = BY_NAME.get(name) ?? BY_NAME.get(className);
  return told ?? (typeof status === 'number' ? statusFailure(status) : undefined) ?? ErrorType.internal;
}

/** The closed kind of an HTTP status that is no success. */
export function statusFailure(status: number): ErrorTypeName | undefined {
  if (!(status >= 400)) return undefined;
  if (status === 429) return ErrorType.rateLimit;
  return status === 408 || status === 504 ? ErrorType.timeout : ErrorType.api;
}

/** What may be told of an error: its class, its code, where it was thrown. */
export type ErrorFacts = {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
  readonly stack?: string;
};

/**
 * The facts of any thrown value. Never the message of a foreign error, with a code or without: it quotes what a model or
 * a caller said (`Unexpected token 'J', "Jean Dupont"... is not valid JSON`; a database quotes the value that it refuses).
 */
export function errorFacts(error: unknown): ErrorFacts {
  if (typeof error !== 'object' || error === null) return { type: typeof error };
  const fields = fieldsOf(error);
  const { name, code, message, stack } = fields;
  const frames = typeof stack === 'string' ? stack.split('\n').filter(isStackFrame) : [];
  return {
    type: typeof name === 'string' ? name : 'Error',
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof message === 'string' && isWrittenForLogs(fields) ? { message } : {}),
    ...(frames.length > 0 ? { stack: frames.join('\n') } : {}),
  };
}

/** A line of a stack as V8 writes it, with a place in code: a message may hold lines that begin like one. */
export function isStackFrame(line: string): boolean {
  return /^\s+at /.test(line) && /(?::\d+:\d+\)?|\((?:native|<anonymous>|index \d+)\))$/.test(line);
}

/** The closed codes are given by this code base; Node's own errors name an address and what was tried with it. */
function isWrittenForLogs({ code, errno, syscall }: ErrorFields): boolean {
  if (typeof code !== 'string') return false;
  if (KNOWN.has(code)) return true;
  return /^(E[A-Z]+|EAI_[A-Z]+)$/.test(code) && (typeof errno === 'number' || typeof syscall === 'string');
}

type ErrorFields = {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly status?: unknown;
  readonly errno?: unknown;
  readonly syscall?: unknown;
  readonly className?: unknown;
};

/** Anything can be thrown, also what throws when it is read. */
function fieldsOf(error: unknown): ErrorFields {
  try {
    const fields = (error ?? {}) as Omit<ErrorFields, 'className'> & { constructor?: { name?: unknown } };
    const { name, code, message, stack, status, errno, syscall } = fields;
    return { name, code, message, stack, status, errno, syscall, className: fields.constructor?.name };
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
