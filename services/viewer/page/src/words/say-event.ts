import { Attr, SpanEvent } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { formatDuration } from '../format/duration.ts';
import { findNumber } from '../model/attribute.ts';
import { sayAttribute } from './say-attribute.ts';
import type { Words } from './words.ts';

/** What an event of a span tells: a breach in words, of any other its attributes. */
export function sayEvent(words: Words, event: SpanView['events'][number]): string {
  const limitMs = findNumber(event, Attr.thresholdLimitMs);
  const valueMs = findNumber(event, Attr.thresholdValueMs);
  if (event.name === SpanEvent.thresholdBreached && limitMs !== null && valueMs !== null) {
    const level = event.attributes[Attr.thresholdLevel] === 'critical' ? 'critical' : 'warning';
    const limit = formatDuration(limitMs, words);
    const said = level === 'critical' ? words.call.limit(limit) : words.call.target(limit);
    return `${words.breach[level]}: ${formatDuration(valueMs, words)}, ${said}`;
  }
  return Object.entries(event.attributes)
    .map(([key, value]) => `${key} ${sayAttribute(words, key, value)}`)
    .join(' · ');
}
