import { Attr, SpanName, Stage } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { findText } from './attribute.ts';
import { lookUp } from './look-up.ts';

/** The seven contiguous segments of `voice.response_gap`, in the order in which they happen. */
export const SEGMENT_NAMES = [
  'voice.endpointing',
  'voice.stt_tail',
  'voice.llm_first_token',
  'voice.sentence_wait',
  'voice.tts_first_byte',
  'voice.bot_queue',
  'voice.carrier_buffer',
] as const;

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

const BY_NAME: Readonly<Record<string, SpanWord>> = {
  [SpanName.webhookVoice]: 'webhook',
  [SpanName.webhookStatus]: 'status',
  [SpanName.webhookStreamStatus]: 'status',
  [SpanName.call]: 'call',
  [SpanName.callRejected]: 'rejected',
  [SpanName.setup]: 'setup',
  [SpanName.userSpeech]: 'heard',
  [SpanName.responseGap]: 'wait',
  'voice.endpointing': 'endpointing',
  'voice.stt_tail': 'sttTail',
  'voice.llm_first_token': 'firstWord',
  'voice.sentence_wait': 'sentenceWait',
  'voice.tts_first_byte': 'firstSound',
  'voice.bot_queue': 'botQueue',
  'voice.carrier_buffer': 'carrier',
  [SpanName.playout]: 'spoke',
  [SpanName.bargeIn]: 'bargeIn',
  [SpanName.wrapUp]: 'wrapUp',
  [SpanName.saveRecord]: 'saving',
  [SpanName.modelAttempt]: 'attempt',
  'voice.dead_air': 'deadAir',
  'event_loop.blocked': 'blocked',
};

const BY_STAGE: Readonly<Record<string, SpanWord>> = {
  [Stage.setup]: 'setup',
  [Stage.responseGap]: 'wait',
  endpointing: 'endpointing',
  stt_tail: 'sttTail',
  llm_first_token: 'firstWord',
  sentence_wait: 'sentenceWait',
  tts_first_byte: 'firstSound',
  bot_queue: 'botQueue',
  carrier_buffer: 'carrier',
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

/** The plain word of a span, null for one that is shown under its own name. */
export function findSpanWord(span: SpanView): SpanWord | null {
  if (span.name === SpanName.turn) return span.attributes[Attr.turnIndex] === 0 ? 'greeting' : 'turn';
  const byName = lookUp(BY_NAME, span.name);
  if (byName) return byName;
  const stage = findText(span, Attr.stage);
  if (stage !== null) return findStageWord(stage);
  if (span.name === 'POST /records' && span.kind === 'server') return 'recordsApi';
  if (Object.hasOwn(span.attributes, Attr.dbSystem)) return 'database';
  return null;
}

/** Whether a span only holds others: it says nothing about what was going on at a moment. */
export function isContainer(span: SpanView): boolean {
  return span.name === SpanName.turn || span.name === SpanName.call;
}
