import { Attr, type GapSource, SpanName, type ThresholdLevel } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { canFail, isHolder, listOutermost } from '../../../failed-steps.ts';
import { findText, findTurnIndex } from './attribute.ts';
import type { CallData } from './call-data.ts';
import { type Cause, findModelOf, findStuck, listCauses } from './cause.ts';
import { findLargestSegment, findWorstGap, type Gap } from './gap.ts';
import { findLimit } from './limits.ts';
import { findSpanWord, findStageWord, type SpanWord } from './span-word.ts';
import { listMeasured, listTurnWaits, type TurnWait } from './turn-waits.ts';

/** One thing that the line under the header says; `words/` turns each kind into a sentence. Durations in milliseconds. */
export type Statement =
  | {
      readonly kind: 'live';
      readonly doing: SpanWord | 'listening';
      readonly turnIndex: number | null;
      /** Whether what goes on has been reported as running past its limit. */
      readonly isStuck: boolean;
    }
  | { readonly kind: 'lost' }
  | { readonly kind: 'outcome'; readonly outcome: string }
  | {
      readonly kind: 'wait';
      readonly durationMs: number;
      readonly turnIndex: number;
      readonly source: GapSource;
      readonly level: ThresholdLevel;
      readonly limitMs: number;
    }
  /** Every measured wait was within its limits. */
  | {
      readonly kind: 'well';
      readonly worstMs: number;
      readonly source: GapSource;
      readonly count: number;
      readonly isWhole: boolean;
    }
  | {
      readonly kind: 'segment';
      readonly word: SpanWord;
      readonly durationMs: number;
      readonly model: string | null;
      readonly causes: readonly Cause[];
    }
  | { readonly kind: 'filler'; readonly turnIndex: number; readonly durationMs: number; readonly substantiveMs: number }
  | {
      readonly kind: 'coverage';
      readonly measured: number;
      readonly turns: number;
      readonly reasons: readonly string[];
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
  if (state === 'live') return [describeNow(data), ...describeBreach(data)];
  const statements: Statement[] = [];
  if (state === 'lost') statements.push({ kind: 'lost' });
  else if (outcome !== null && outcome !== 'saved') statements.push({ kind: 'outcome', outcome });
  statements.push(...describeWorst(data), ...describeErrors(data.spans.values()));
  return statements.length > 0 ? statements : [{ kind: 'nothing' }];
}

const BACKGROUND: readonly (SpanWord | null)[] = [null, 'webhook', 'call', 'turn', 'greeting', 'wait', 'setup'];

function describeNow({ spans, logs }: CallData): Statement {
  const open = [...spans.values()].filter((span) => span.durationMs === null);
  // While the caller speaks nothing else matters, also when a step began after the caller did.
  const heard = open.find((span) => span.name === SpanName.userSpeech);
  const doing =
    heard ?? open.filter((span) => !BACKGROUND.includes(findSpanWord(span))).sort((a, b) => b.startMs - a.startMs)[0];
  if (doing) {
    const turnIndex = findTurnIndex(doing);
    const isStuck = findStuck(logs, turnIndex, findText(doing, Attr.stage)) !== null;
    return { kind: 'live', doing: findSpanWord(doing) ?? 'listening', turnIndex, isStuck };
  }
  const isInTurn = open.some((span) => span.name === SpanName.turn);
  const isSetup = !isInTurn && open.some((span) => findSpanWord(span) === 'setup');
  return { kind: 'live', doing: isSetup ? 'setup' : 'listening', turnIndex: null, isStuck: false };
}

function describeWorst(data: CallData): Statement[] {
  const waits = listTurnWaits(data.spans.values());
  const gaps = listMeasured(waits).map(({ gap }) => gap);
  const worst = findWorstGap(gaps);
  const coverage = describeCoverage(waits, gaps.length);
  if (!worst) return [...coverage, ...describeSlowestStage(data)];
  const breach = describeGap(data, worst);
  const isWhole = coverage.length === 0;
  const { durationMs: worstMs, source } = worst;
  const well: Statement = { kind: 'well', worstMs, source, count: gaps.length, isWhole };
  return [...(breach.length > 0 ? breach : [well]), ...describeFiller(gaps), ...coverage];
}

/** While a call goes on only a wait that was too long is worth a word beside what happens now. */
function describeBreach(data: CallData): Statement[] {
  const worst = findWorstGap(listMeasured(listTurnWaits(data.spans.values())).map(({ gap }) => gap));
  return worst?.level === 'critical' ? describeGap(data, worst) : [];
}

/** A wait that passed a limit, and its largest segment with why; nothing for one within its limits. */
function describeGap(data: CallData, gap: Gap & { readonly durationMs: number }): Statement[] {
  const span = data.spans.get(gap.spanId);
  const limit = span && findLimit(span);
  if (gap.level === null || !limit) return [];
  const { durationMs, turnIndex, source, level } = gap;
  const wait: Statement = { kind: 'wait', durationMs, turnIndex, source, level, limitMs: limit.limitMs };
  const segment = findLargestSegment(gap);
  if (!segment) return [wait];
  const evidence = { spans: [...data.spans.values()], logs: data.logs };
  const model = findModelOf(evidence, gap, segment);
  const causes = listCauses(evidence, gap, segment).slice(0, 2);
  return [wait, { kind: 'segment', word: segment.word, durationMs: segment.durationMs, model, causes }];
}

function describeFiller(gaps: readonly (Gap & { readonly durationMs: number })[]): Statement[] {
  const longest = gaps
    .filter((gap) => gap.substantiveMs !== null)
    .sort((a, b) => (b.substantiveMs ?? 0) - (a.substantiveMs ?? 0))[0];
  if (!longest) return [];
  const { turnIndex, durationMs, substantiveMs } = longest;
  return [{ kind: 'filler', turnIndex, durationMs, substantiveMs: substantiveMs ?? 0 }];
}

function describeCoverage(waits: readonly TurnWait[], measured: number): Statement[] {
  const unmeasured = waits.filter((wait) => wait.state === 'unmeasured');
  if (unmeasured.length === 0) return [];
  const reasons = [...new Set(unmeasured.flatMap(({ reason }) => reason ?? []))];
  return [{ kind: 'coverage', measured, turns: waits.length, reasons }];
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
  const failed = [...spans]
    .filter((span) => span.status === 'error' && canFail(span.name))
    .sort((a, b) => a.startMs - b.startMs);
  const steps = listOutermost(failed.filter((span) => !isHolder(span.name)));
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
