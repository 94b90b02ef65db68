import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { Attr, ErrorType, type ErrorTypeName } from './conventions/index.ts';

const KNOWN = new Set<string>(Object.values(ErrorType));
const BY_NAME: Readonly<Record<string, ErrorTypeName>> = {
  AbortError: ErrorType.cancelled,
  TimeoutError: ErrorType.timeout,
  SyntaxError: ErrorType.parsing,
  ZodError: ErrorType.validation,
};

/** The closed kind of any thrown value: its own `code` when that is one of the kinds, else by its name, else `internal`. */
export function errorTypeOf(error: unknown): ErrorTypeName {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === 'string' && KNOWN.has(code)) return code as ErrorTypeName;
  return (typeof name === 'string' && BY_NAME[name]) || ErrorType.internal;
}

/** Writes a failure on a span. Being cancelled (barge-in, hang-up) is an outcome, not an error: no error status. */
export function recordFailure(span: Span, error: unknown): void {
  const type = errorTypeOf(error);
  span.setAttribute(Attr.errorType, type);
  if (type === ErrorType.cancelled) return;
  span.recordException(error instanceof Error ? error : new Error(String(error)));
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
}
