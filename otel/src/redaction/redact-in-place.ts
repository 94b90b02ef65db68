import type { Attributes } from '@opentelemetry/api';
import type { Redactor } from './redactor.ts';

/** Redacts the attributes of a span, an event or a log record, which keep their object; nested values are allowed. */
export function redactInPlace(attributes: Record<string, unknown>, redactor: Redactor): void {
  const safe: Record<string, unknown> = redactor.attributes(attributes as Attributes);
  if (safe !== attributes) {
    for (const key in attributes) if (!Object.hasOwn(safe, key)) delete attributes[key];
    for (const key in safe) if (safe[key] !== attributes[key]) attributes[key] = safe[key];
  }
  for (const key in attributes) {
    const value = attributes[key];
    if (typeof value === 'object' && isNested(value)) attributes[key] = nested(key, value, redactor);
  }
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (!Array.isArray(value) || value.some(isNested));
}

function nested(key: string, value: unknown, redactor: Redactor): unknown {
  const fields = redactor.fields({ [key]: value });
  return typeof fields === 'object' && fields !== null ? (fields as Record<string, unknown>)[key] : fields;
}
