import { Attr, SEGMENTS, Segment, type SegmentName, SpanName, Stage } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { findText } from './attribute.ts';
import { lookUp } from './look-up.ts';

/** The span of each segment of `voice.response_gap`, in the order in which they happen. */
const SEGMENT_SPANS: Readonly<Record<SegmentName, string>> = {
  [Segment.endpointing]: SpanName.endpointing,
  [Segment.sttTail]: SpanName.sttTail,
  [Segment.llmFirstToken]: SpanName.llmFirstToken,
  [Segment.sentenceWait]: SpanName.sentenceWait,
  [Segment.ttsFirstByte]: SpanName.ttsFirstByte,
  [Segment.botQueue]: SpanName.botQueue,
  [Segment.carrierBuffer]: SpanName.carrierBuffer,
};

/** Span names of the seven segments, in the order in which they happen. */
export const SEGMENT_NAMES: readonly string[] = SEGMENTS.map((segment) => SEGMENT_SPANS[segment]);

/** What a span is in plain words; the dictionaries in `words/` hold the text of each. */
export type SpanWord =
  | 'webhook'
  | 'call'
  | 'rejected'
  | 'setup'
  | 'greeting'
  | 'turn'
  | 'heard'
  | 'wait'
  | 'endpointing'
  | 'sttTail'
  | 'firstWord'
  | 'sentenceWait'
  | 'firstSound'
  | 'botQueue'
  | 'carrier'
  | 'transcribing'
  | 'thinking'
  | 'extracting'
  | 'synthesis'
  | 'retrieval'
  | 'spoke'
  | 'saving'
  | 'recordsApi'
  | 'database'
  | 'bargeIn'
  | 'wrapUp'
  | 'attempt'
  | 'deadAir'
  | 'blocked'
  | 'status';

/** The plain word of each segment. */
export const SEGMENT_WORDS: Readonly<Record<SegmentName, SpanWord>> = {
  [Segment.endpointing]: 'endpointing',
  [Segment.sttTail]: 'sttTail',
  [Segment.llmFirstToken]: 'firstWord',
  [Segment.sentenceWait]: 'sentenceWait',
  [Segment.ttsFirstByte]: 'firstSound',
  [Segment.botQueue]: 'botQueue',
  [Segment.carrierBuffer]: 'carrier',
};

const BY_NAME: Readonly<Record<string, SpanWord>> = {
  [SpanName.webhookVoice]: 'webhook',
  [SpanName.webhookStatus]: 'status',
  [SpanName.webhookStreamStatus]: 'status',
  [SpanName.call]: 'call',
  [SpanName.callRejected]: 'rejected',
  [SpanName.setup]: 'setup',
  [SpanName.userSpeech]: 'heard',
  [SpanName.responseGap]: 'wait',
  ...Object.fromEntries(SEGMENTS.map((segment) => [SEGMENT_SPANS[segment], SEGMENT_WORDS[segment]])),
  [SpanName.playout]: 'spoke',
  [SpanName.bargeIn]: 'bargeIn',
  [SpanName.wrapUp]: 'wrapUp',
  [SpanName.saveRecord]: 'saving',
  [SpanName.modelAttempt]: 'attempt',
  [SpanName.deadAir]: 'deadAir',
  [SpanName.eventLoopBlocked]: 'blocked',
};

const BY_STAGE: Readonly<Record<string, SpanWord>> = {
  [Stage.setup]: 'setup',
  [Stage.responseGap]: 'wait',
  ...SEGMENT_WORDS,
  [Stage.transcription]: 'transcribing',
  [Stage.reply]: 'thinking',
  [Stage.extraction]: 'extracting',
  [Stage.synthesis]: 'synthesis',
  [Stage.retrieval]: 'retrieval',
  [Stage.save]: 'saving',
  [Stage.bargeIn]: 'bargeIn',
};

/** The plain word of a stage (`voice.stage`), null for one that the page does not know. */
export function findStageWord(stage: string): SpanWord | null {
  return lookUp(BY_STAGE, stage) ?? null;
}

/** The plain word of a span's name, null for one that needs more to be known, or is not known here. */
export function findNameWord(name: string): SpanWord | null {
  return lookUp(BY_NAME, name) ?? null;
}

/** The plain word of a span, null for one that is shown under its own name. */
export function findSpanWord(span: SpanView): SpanWord | null {
  if (span.name === SpanName.turn) return span.attributes[Attr.turnIndex] === 0 ? 'greeting' : 'turn';
  const byName = findNameWord(span.name);
  if (byName) return byName;
  const stage = findText(span, Attr.stage);
  if (stage !== null) return findStageWord(stage);
  if (span.kind === 'server') {
    const route = findText(span, Attr.httpRoute);
    if (span.name === 'POST /records') return 'recordsApi';
    if (route === '/status' || route === '/stream-status') return 'status';
  }
  if (Object.hasOwn(span.attributes, Attr.dbSystem)) return 'database';
  return null;
}

/** Whether a span only holds others: it says nothing about what was going on at a moment. */
export function isContainer(span: SpanView): boolean {
  return span.name === SpanName.turn || span.name === SpanName.call;
}
