import { Attr } from 'callspan/conventions';
import type { AttributeValue } from '../../../api/types.ts';
import { formatDuration } from '../format/duration.ts';
import type { Words } from './words.ts';

/** An attribute's value for people: keys that end in `_ms`, and those in seconds by convention, as durations. */
export function sayAttribute(words: Words, key: string, value: AttributeValue): string {
  if (typeof value === 'number' && key.endsWith('_ms')) return formatDuration(value, words);
  if (typeof value === 'number' && key === Attr.timeToFirstChunk) return formatDuration(value * 1000, words);
  if (Array.isArray(value)) return value.map((item) => sayAttribute(words, key, item)).join(', ');
  return value === null ? '–' : String(value);
}
