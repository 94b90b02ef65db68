import { formatDuration } from '../format/duration.ts';
import type { GapSource } from '../model/gap.ts';
import { lookUp } from '../model/look-up.ts';
import type { Statement } from '../model/sentence.ts';
import type { SpanWord } from '../model/span-word.ts';
import type { Words } from './words.ts';

/** A wait with its certainty: `1.42 s ±10 ms` on the line, `~1.42 s` from marks, `≥ 1.42 s` from sending. Durations in milliseconds. */
export function sayWait(words: Words, durationMs: number, source: GapSource, uncertaintyMs: number | null): string {
  const figure = formatDuration(durationMs, words);
  if (source === 'none') return words.panel.gapSources.none;
  if (source === 'send') return `≥ ${figure}`;
  if (source === 'mark_ack') return `~${figure}`;
  return uncertaintyMs === null ? figure : `${figure} ±${formatDuration(uncertaintyMs, words)}`;
}

/** A statement about a call as a sentence of the language. */
export function sayStatement(words: Words, statement: Statement): string {
  const { sentence } = words;
  switch (statement.kind) {
    case 'live':
      return sentence.live(sentence.doing[statement.doing] ?? sentence.doing.listening ?? '', statement.turnIndex);
    case 'lost':
      return sentence.lost;
    case 'outcome':
      return lookUp(words.outcomeSentences, statement.outcome) ?? `${statement.outcome}.`;
    case 'wait':
      return sayWorstWait(words, statement);
    case 'segment': {
      const retried = statement.retriedAfter === null ? null : sentence.retried(statement.retriedAfter);
      const detail = sayDetail([statement.model, retried]);
      return sentence.segment(formatDuration(statement.durationMs, words), words.spanNames[statement.word], detail);
    }
    case 'slowest': {
      const name = sayName(words, statement.word, statement.stage);
      const figure = formatDuration(statement.durationMs, words);
      return sentence.slowest(name, figure, statement.turnIndex, sayDetail([statement.model]));
    }
    case 'errors': {
      const { count, word, name, turnIndex, errorType } = statement;
      const type = errorType === null ? null : (lookUp(words.errorTypes, errorType) ?? errorType);
      return sentence.errors(count, sayName(words, word, name), turnIndex, sayDetail([type]));
    }
    case 'nothing':
      return sentence.nothing;
  }
}

function sayWorstWait(words: Words, wait: Extract<Statement, { kind: 'wait' }>): string {
  const figure = sayWait(words, wait.durationMs, wait.source, null);
  const said = words.sentence.wait(figure, wait.turnIndex, wait.measured);
  return wait.measured === wait.waits ? said : `${said} ${words.sentence.unmeasured(wait.measured, wait.waits)}`;
}

/** A step within a sentence or a list, where the shout of the waterfall's WAIT would be out of place. @param name its own name, for one without a word */
export function sayName(words: Words, word: SpanWord | null, name: string): string {
  return word ? (words.stageNames[word] ?? words.spanNames[word]) : name;
}

function sayDetail(parts: readonly (string | null)[]): string {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
}
