import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { MAX_ATTRIBUTE_LENGTH } from './conventions/index.ts';

/**
 * Attributes as a span may carry them: strings of at most 2 KiB, numbers that are finite, booleans and lists of these.
 * @param onCut told how many values were cut or left out
 */
export function guardAttributes(attributes: Attributes, onCut: (values: number) => void): Attributes {
  let cut = 0;
  const guarded: Attributes = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue;
    const kept = guardValue(value);
    if (kept === undefined || kept !== value) cut += 1;
    if (kept !== undefined) guarded[key] = kept;
  }
  if (cut > 0) onCut(cut);
  return guarded;
}

function guardValue(value: unknown): AttributeValue | undefined {
  if (typeof value === 'string')
    return value.length > MAX_ATTRIBUTE_LENGTH ? value.slice(0, MAX_ATTRIBUTE_LENGTH) : value;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (!Array.isArray(value)) return undefined;
  const isList = value.every((item) => guardValue(item) === item);
  return isList ? (value as AttributeValue) : undefined;
}
