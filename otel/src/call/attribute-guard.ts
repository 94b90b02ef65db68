import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { MAX_ATTRIBUTE_LENGTH } from '../conventions/index.ts';

/** A list on a span is for a few words, not for data. */
const MAX_LIST_LENGTH = 128;

/**
 * Attributes as a span may carry them: strings of at most 2 KiB, numbers that are finite, booleans, and lists of these
 * (at most 128). Whatever else it is given (objects, functions, getters and proxies that throw) is left out; never throws.
 * @param onCut told how many values were cut or left out
 */
export function guardAttributes(attributes: Attributes, onCut: (values: number) => void): Attributes {
  let cut = 0;
  const guarded: Attributes = {};
  for (const key of keysOf(attributes, () => (cut += 1))) {
    try {
      const value: unknown = attributes[key];
      if (value === undefined || value === null) continue;
      if (isWholeScalar(value)) {
        guarded[key] = value;
        continue;
      }
      const { kept, isWhole } = guardValue(value);
      if (!isWhole) cut += 1;
      if (kept !== undefined) guarded[key] = kept;
    } catch {
      cut += 1;
    }
  }
  if (cut > 0) onCut(cut);
  return guarded;
}

function keysOf(attributes: Attributes, onHostile: () => void): string[] {
  try {
    return Object.keys(attributes);
  } catch {
    onHostile();
    return [];
  }
}

type Guarded<T> = { readonly kept: T | undefined; readonly isWhole: boolean };

function guardValue(value: unknown): Guarded<AttributeValue> {
  if (!Array.isArray(value)) return guardScalar(value);
  const length = Math.min(value.length, MAX_LIST_LENGTH);
  const items = Array.from({ length }, (_, index) => guardScalar(value[index]));
  const kept = items.flatMap((item) => (item.kept === undefined ? [] : [item.kept]));
  // A list is of one kind (OpenTelemetry, "Attribute"): the first item decides.
  const alike = kept.filter((item) => typeof item === typeof kept[0]);
  const isWhole = alike.length === value.length && items.every((item) => item.isWhole);
  return { kept: alike as AttributeValue, isWhole };
}

function isWholeScalar(value: unknown): value is string | number | boolean {
  if (typeof value === 'string') return value.length <= MAX_ATTRIBUTE_LENGTH;
  return typeof value === 'number' ? Number.isFinite(value) : typeof value === 'boolean';
}

function guardScalar(value: unknown): Guarded<string | number | boolean> {
  if (isWholeScalar(value)) return { kept: value, isWhole: true };
  return { kept: typeof value === 'string' ? cutText(value, MAX_ATTRIBUTE_LENGTH) : undefined, isWhole: false };
}

/** The first `length` UTF-16 units, never half a character at the end. */
export function cutText(text: string, length: number): string {
  const isSplit = /[\uD800-\uDBFF]$/.test(text.slice(length - 1, length));
  return text.slice(0, isSplit ? length - 1 : length);
}
