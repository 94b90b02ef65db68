import type { Attributes } from '@opentelemetry/api';
import { processRedactor, type Redactor } from './redactor.ts';

/** The labels of a metric without personal data, at every level (see `Redactor.label`). The same object when nothing changes. */
export function redactLabels(labels: Attributes, redactor: Redactor = processRedactor()): Attributes {
  let safe: Attributes | undefined;
  for (const key in labels) {
    const value = labels[key];
    const kept = typeof value === 'string' ? redactor.label(value) : value;
    if (kept === value) continue;
    safe ??= { ...labels };
    safe[key] = kept;
  }
  return safe ?? labels;
}
