import type { GapSource, ThresholdLevel } from 'callspan/conventions';
import { formatDuration } from '../format/duration.ts';
import type { Cause } from '../model/cause.ts';
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
      return sentence.live(
        sentence.doing[statement.doing] ?? sentence.doing.listening ?? '',
        statement.turnIndex,
        statement.isStuck,
      );
    case 'lost':
      return sentence.lost;
    case 'outcome':
      return lookUp(words.outcomeSentences, statement.outcome) ?? `${statement.outcome}.`;
    case 'wait':
      return sayWorstWait(words, statement);
    case 'segment': {
      const detail = sayDetail([statement.model, ...statement.causes.map((cause) => sayCause(words, cause))]);
      const name = words.segmentNames[statement.word] ?? words.spanNames[statement.word];
      return sentence.segment(formatDuration(statement.durationMs, words), name, detail);
    }
    case 'well': {
      const { worstMs, source, count, isWhole } = statement;
      return sentence.well(sayWait(words, worstMs, source, null), count, isWhole);
    }
    case 'filler': {
      const filler = formatDuration(statement.durationMs, words);
      return sentence.filler(filler, formatDuration(statement.substantiveMs, words), statement.turnIndex);
    }
    case 'coverage':
      return sentence.coverage(
        statement.measured,
        statement.turns,
        statement.reasons.map((reason) => sayReason(words, reason)).join(', '),
      );
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
  const over = formatDuration(wait.durationMs - wait.limitMs, words);
  const isLeast = wait.source === 'send';
  if (wait.level === 'critical') return words.sentence.overLimit(figure, wait.turnIndex, over, isLeast);
  return words.sentence.overTarget(figure, wait.turnIndex, over, formatDuration(wait.limitMs, words));
}

/** Why a part of a wait was long, within brackets of a sentence or beside its row. */
export function sayCause(words: Words, cause: Cause): string {
  const { causes } = words;
  switch (cause.kind) {
    case 'retried':
      return causes.retried(lookUp(words.errorTypes, cause.after) ?? cause.after);
    case 'retrieval':
      return causes.retrieval(formatDuration(cause.durationMs, words));
    case 'stuck':
      return causes.stuck;
    case 'timeout':
      return causes.timeout;
    case 'deadAir':
      return sayDeadAir(words, cause.cause);
  }
}

/** What the caller was waiting for while nobody spoke (`voice.dead_air.cause`). */
export function sayDeadAir(words: Words, cause: string): string {
  return lookUp(words.deadAirCauses, cause) ?? cause;
}

/** Why a wait could not be measured (`voice.turn.unmeasured_reason`). */
export function sayReason(words: Words, reason: string | null): string {
  return reason === null
    ? (words.unmeasuredReasons.unknown ?? '')
    : (lookUp(words.unmeasuredReasons, reason) ?? reason);
}

/** The sign of a breach, read without colour: `!` warning, `!!` critical, empty for none. */
export function signOf(level: ThresholdLevel | null): string {
  return level === 'critical' ? '!!' : level === 'warning' ? '!' : '';
}

/** A step within a sentence or a list, where the shout of the waterfall's WAIT would be out of place. @param name its own name, for one without a word */
export function sayName(words: Words, word: SpanWord | null, name: string): string {
  return word ? (words.stageNames[word] ?? words.spanNames[word]) : name;
}

function sayDetail(parts: readonly (string | null)[]): string {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
}
