import { Attr, SpanName, Stage } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { findNumber, findText, findTurnIndex } from './attribute.ts';
import type { CallData } from './call-data.ts';
import { type Gap, type GapSegment, type GapSource, listGaps } from './gap.ts';
import { findSpanWord, findStageWord, isContainer, type SpanWord } from './span-word.ts';

/** One thing that the line under the header says; `words/` turns each kind into a sentence. Durations in milliseconds. */
export type Statement =
  | { readonly kind: 'live'; readonly doing: SpanWord | 'listening'; readonly turnIndex: number | null }
  | { readonly kind: 'lost' }
  | { readonly kind: 'outcome'; readonly outcome: string }
  | {
      readonly kind: 'wait';
      readonly durationMs: number;
      readonly turnIndex: number;
      readonly source: GapSource;
      readonly measured: number;
      readonly waits: number;
    }
  | {
      readonly kind: 'segment';
      readonly word: SpanWord;
      readonly durationMs: number;
      readonly model: string | null;
      /** Status of the first attempt when the model was asked again, null when once was enough. */
      readonly retriedAfter: number | null;
    }
  | {
      readonly kind: 'slowest';
      readonly word: SpanWord | null;
      readonly stage: string;
      readonly durationMs: number;
      readonly turnIndex: number | null;
      readonly model: string | null;
    }
  | {
      readonly kind: 'errors';
      readonly count: number;
      readonly word: SpanWord | null;
      readonly name: string;
      readonly turnIndex: number | null;
      readonly errorType: string | null;
    }
  | { readonly kind: 'nothing' };

/** What the page says about a call, by fixed rules: what goes on now, else the worst wait or stage and why, then failures. */
export function describeCall(data: CallData): Statement[] {
  const { state, outcome } = data.summary;
  if (state === 'live') return [describeNow(data.spans.values())];
  const statements: Statement[] = [];
  if (state === 'lost') statements.push({ kind: 'lost' });
  else if (outcome !== null && outcome !== 'saved') statements.push({ kind: 'outcome', outcome });
  statements.push(...describeWorst(data), ...describeErrors(data.spans.values()));
  return statements.length > 0 ? statements : [{ kind: 'nothing' }];
}

const BACKGROUND: readonly (SpanWord | null)[] = [null, 'webhook', 'call', 'turn', 'greeting', 'wait', 'setup'];

function describeNow(spans: Iterable<SpanView>): Statement {
  const open = [...spans].filter((span) => span.durationMs === null);
  // While the caller speaks nothing else matters, also when a step began after the caller did.
  const heard = open.find((span) => span.name === SpanName.userSpeech);
  const doing =
    heard ?? open.filter((span) => !BACKGROUND.includes(findSpanWord(span))).sort((a, b) => b.startMs - a.startMs)[0];
  if (doing) return { kind: 'live', doing: findSpanWord(doing) ?? 'listening', turnIndex: findTurnIndex(doing) };
  const isInTurn = open.some((span) => span.name === SpanName.turn);
  const isSetup = !isInTurn && open.some((span) => findSpanWord(span) === 'setup');
  return { kind: 'live', doing: isSetup ? 'setup' : 'listening', turnIndex: null };
}

function describeWorst(data: CallData): Statement[] {
  const spans = [...data.spans.values()];
  const gaps = listGaps(spans);
  const measured = gaps.filter((gap) => gap.durationMs !== null && gap.source !== 'none');
  const worst = measured.reduce<Gap | null>((a, b) => ((b.durationMs ?? 0) > (a?.durationMs ?? -1) ? b : a), null);
  if (!worst) return describeSlowestStage(data);
  const wait: Statement = {
    kind: 'wait',
    durationMs: worst.durationMs ?? 0,
    turnIndex: worst.turnIndex,
    source: worst.source,
    measured: measured.length,
    waits: gaps.length,
  };
  const segment = worst.segments.reduce<GapSegment | null>(
    (a, b) => (b.durationMs > (a?.durationMs ?? 0) ? b : a),
    null,
  );
  if (!segment) return [wait];
  const retriedAfter = segment.word === 'firstWord' ? findRetry(spans, worst.turnIndex) : null;
  return [wait, { kind: 'segment', ...segment, retriedAfter }];
}

function findRetry(spans: readonly SpanView[], turnIndex: number): number | null {
  const chat = spans.find((span) => findTurnIndex(span) === turnIndex && findText(span, Attr.stage) === Stage.reply);
  const attempts = spans
    .filter((span) => span.name === SpanName.modelAttempt && span.parentSpanId === chat?.spanId)
    .sort((a, b) => a.startMs - b.startMs);
  const first = attempts.length > 1 ? attempts[0] : undefined;
  return first ? findNumber(first, Attr.httpStatusCode) : null;
}

function describeSlowestStage(data: CallData): Statement[] {
  const worst = data.summary.worstStage;
  if (!worst) return [];
  const { stage, durationMs, turnIndex, spanId } = worst;
  const span = data.spans.get(spanId);
  const model = span ? findText(span, Attr.requestModel) : null;
  return [{ kind: 'slowest', word: findStageWord(stage), stage, durationMs, turnIndex, model }];
}

function describeErrors(spans: Iterable<SpanView>): Statement[] {
  const failed = [...spans].filter((span) => span.status === 'error').sort((a, b) => a.startMs - b.startMs);
  // A failure passes upward through its parents: what failed as one thing is told once, by its outermost step.
  const ids = new Set(failed.filter((span) => !isHolder(span)).map((span) => span.spanId));
  const steps = failed.filter((span) => ids.has(span.spanId) && !ids.has(span.parentSpanId ?? ''));
  const first = steps[0] ?? failed[0];
  if (!first) return [];
  const witness = [first, ...failed].find((span) => findText(span, Attr.errorType) !== null) ?? first;
  return [
    {
      kind: 'errors',
      count: Math.max(1, steps.length),
      word: findSpanWord(first),
      name: first.name,
      turnIndex: findTurnIndex(first),
      errorType: findText(witness, Attr.errorType),
    },
  ];
}

/** A span that failed because something within it did. */
function isHolder(span: SpanView): boolean {
  return isContainer(span) || span.name === SpanName.webhookVoice;
}
