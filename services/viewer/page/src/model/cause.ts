import { Attr, LogEvent, SpanName, Stage, type StageName } from 'callspan/conventions';
import type { LogLine, SpanView } from '../../../api/types.ts';
import { findNumber, findText, findTurnIndex } from './attribute.ts';
import type { Gap, GapSegment } from './gap.ts';
import type { SpanWord } from './span-word.ts';

/** Why a part of a wait was long, as far as telemetry tells. Durations in milliseconds. */
export type Cause =
  /** The request was repeated after a status or an error type. */
  | { readonly kind: 'retried'; readonly after: string }
  | { readonly kind: 'retrieval'; readonly durationMs: number }
  | { readonly kind: 'stuck'; readonly stage: string }
  /** Nobody noticed the end of speech: a timeout ended the listening. */
  | { readonly kind: 'timeout' }
  | { readonly kind: 'deadAir'; readonly cause: string };

/** What is known of a call that can explain a wait. */
export type Evidence = { readonly spans: readonly SpanView[]; readonly logs: readonly LogLine[] };

const STAGE_BEHIND: Readonly<Partial<Record<SpanWord, StageName>>> = {
  sttTail: Stage.transcription,
  firstWord: Stage.reply,
  sentenceWait: Stage.reply,
  firstSound: Stage.synthesis,
};

/** Why a segment of a wait was long, the most telling first; empty where nothing is known. */
export function listCauses({ spans, logs }: Evidence, gap: Gap, segment: GapSegment): Cause[] {
  const inTurn = spans.filter((span) => findTurnIndex(span) === gap.turnIndex);
  const stage = STAGE_BEHIND[segment.word] ?? null;
  const causes = [
    findRetry(spans, inTurn, stage),
    findRetrieval(inTurn, segment),
    findStuck(logs, gap.turnIndex, stage ?? findOwnStage(spans, segment)),
    findTimeout(spans, gap, segment),
    findDeadAir(spans, gap),
  ];
  return causes.filter((cause) => cause !== null);
}

/** The stage that a segment itself is: that the wait as a whole was stuck tells nothing of its parts. */
function findOwnStage(spans: readonly SpanView[], { spanId }: GapSegment): string | null {
  const span = spans.find((candidate) => candidate.spanId === spanId);
  return span ? findText(span, Attr.stage) : null;
}

/** The model that was asked in a segment: the segment's own, else that of the request of its turn. */
export function findModelOf({ spans }: Evidence, gap: Gap, segment: GapSegment): string | null {
  const stage = STAGE_BEHIND[segment.word];
  if (segment.model !== null || stage === undefined) return segment.model;
  const request = spans.find(
    (span) => findTurnIndex(span) === gap.turnIndex && findText(span, Attr.stage) === stage && span.kind === 'client',
  );
  return request ? findText(request, Attr.requestModel) : null;
}

/** How the first of several attempts of a model request ended: its status or error type; null where one was enough. */
export function findFirstFailure(spans: readonly SpanView[], requestSpanId: string): string | null {
  const attempts = spans
    .filter((span) => span.name === SpanName.modelAttempt && span.parentSpanId === requestSpanId)
    .sort((a, b) => a.startMs - b.startMs);
  const first = attempts.length > 1 ? attempts[0] : undefined;
  if (!first) return null;
  const status = findNumber(first, Attr.httpStatusCode);
  return status === null ? findText(first, Attr.errorType) : String(status);
}

function findRetry(spans: readonly SpanView[], inTurn: readonly SpanView[], stage: StageName | null): Cause | null {
  for (const request of inTurn) {
    if (stage === null || findText(request, Attr.stage) !== stage || request.kind !== 'client') continue;
    const after = findFirstFailure(spans, request.spanId);
    if (after !== null) return { kind: 'retried', after };
  }
  return null;
}

function findRetrieval(inTurn: readonly SpanView[], segment: GapSegment): Cause | null {
  const overlaps = inTurn
    .filter((span) => findText(span, Attr.stage) === Stage.retrieval)
    .map((span) => {
      const toMs = Math.min(span.startMs + (span.durationMs ?? 0), segment.startMs + segment.durationMs);
      return toMs - Math.max(span.startMs, segment.startMs);
    });
  const durationMs = Math.max(0, ...overlaps);
  // A look-up that was over soon explains nothing.
  return durationMs >= segment.durationMs / 4 && durationMs > 0 ? { kind: 'retrieval', durationMs } : null;
}

/** Whether a stage of a turn was reported as running past its limit (`stage.stuck`). */
export function findStuck(logs: readonly LogLine[], turnIndex: number | null, stage: string | null): Cause | null {
  if (turnIndex === null || stage === null) return null;
  const isStuck = logs.some(
    (line) =>
      line.eventName === LogEvent.stageStuck &&
      findTurnIndex(line) === turnIndex &&
      findText(line, Attr.stage) === stage,
  );
  return isStuck ? { kind: 'stuck', stage } : null;
}

function findTimeout(spans: readonly SpanView[], gap: Gap, segment: GapSegment): Cause | null {
  const span = spans.find(({ spanId }) => spanId === gap.spanId);
  const isTimeout = span !== undefined && findText(span, Attr.eosSource) === 'timeout';
  return isTimeout && segment.word === 'endpointing' ? { kind: 'timeout' } : null;
}

function findDeadAir(spans: readonly SpanView[], gap: Gap): Cause | null {
  const endMs = gap.startMs + (gap.durationMs ?? 0);
  const silent = spans.find(
    (span) =>
      span.name === SpanName.deadAir && span.startMs < endMs && span.startMs + (span.durationMs ?? 0) > gap.startMs,
  );
  const cause = silent ? findText(silent, Attr.deadAirCause) : null;
  return cause === null || cause === 'none' ? null : { kind: 'deadAir', cause };
}
