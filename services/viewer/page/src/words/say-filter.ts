import { formatDuration } from '../format/duration.ts';
import type { FilterParts } from '../model/call-filter.ts';
import { findNameWord, findStageWord } from '../model/span-word.ts';
import { sayName } from './say.ts';
import type { Words } from './words.ts';

/** Which calls are asked for, without the window. @param parts null for a query that has no words but its own */
export function sayFilter(words: Words, parts: FilterParts | null): string {
  const { filter } = words;
  if (!parts) return filter.matching;
  const { overMs, failed, provider, service } = parts;
  const where = `${provider === null ? '' : filter.ofProvider(provider)}${service === null ? '' : filter.inService(service)}`;
  const step = sayStep(words, parts);
  if (overMs !== null) return filter.over(step, formatDuration(overMs, words)) + where;
  return (failed ? filter.failed(step) : filter.having(step)) + where;
}

function sayStep(words: Words, { stage, name }: FilterParts): string {
  if (stage !== null) return words.filter.step(sayName(words, findStageWord(stage), stage));
  if (name !== null) return words.filter.step(sayName(words, findNameWord(name), name));
  return words.filter.anyStep;
}
