import type { Attributes } from '@opentelemetry/api';
import { checkedId } from './ids.ts';
import { processRedactor, type Redactor } from './redactor.ts';

/** Labels recur: what was found of one is remembered, for so many. */
const MAX_KNOWN = 1000;
const known = new Map<string, string>();

/**
 * The labels of a metric without personal data, at every level: a value that has no id's shape (blanks are none) is
 * `<invalid>`.
 * The same object when nothing changes.
 */
export function redactLabels(labels: Attributes, redactor: Redactor = processRedactor()): Attributes {
  let safe: Attributes | undefined;
  for (const key in labels) {
    const value = labels[key];
    const kept = typeof value === 'string' ? safeLabel(value, redactor) : value;
    if (kept === value) continue;
    safe ??= { ...labels };
    safe[key] = kept;
  }
  return safe ?? labels;
}

function safeLabel(value: string, redactor: Redactor): string {
  const before = known.get(value);
  if (before !== undefined) return before;
  // Routes have braces and stars.
  const isId = value === '' || checkedId(value.replace(/[{}*()[\]]/g, '_'), redactor.text) !== '<invalid>';
  const kept = isId && redactor.text(value) === value ? value : '<invalid>';
  if (known.size < MAX_KNOWN && value.length <= 128) known.set(value, kept);
  return kept;
}
