import type { Attributes } from '@opentelemetry/api';
import type { Redactor } from './redactor.ts';

/** Redacts the attributes of a span, an event or a log record, which keep their object; nested values are allowed. */
export function redactInPlace(attributes: Record<string, unknown>, redactor: Redactor): void {
  const safe: Record<string, unknown> = redactor.attributes(attributes as Attributes);
  for (const key of Object.keys(attributes)) {
    if (!Object.hasOwn(safe, key)) delete attributes[key];
    else if (isNested(safe[key])) attributes[key] = nested(key, safe[key], redactor);
    else if (safe[key] !== attributes[key]) attributes[key] = safe[key];
  }
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (!Array.isArray(value) || value.some(isNested));
}

function nested(key: string, value: unknown, redactor: Redactor): unknown {
  const fields = redactor.fields({ [key]: value });
  return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>)[key] : fields;
}
