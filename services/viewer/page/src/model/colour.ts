import type { SpanView } from '../../../api/types.ts';
import { findSpanWord, type SpanWord } from './span-word.ts';

/** One colour for ever per stage: the name of a `--c-*` token in `styles/tokens.css`. */
export type Colour =
  | 'wait'
  | 'caller'
  | 'bot'
  | 'endpointing'
  | 'transcription'
  | 'reply'
  | 'sentence'
  | 'synthesis'
  | 'queue'
  | 'carrier'
  | 'save'
  | 'extraction'
  | 'retrieval'
  | 'setup'
  | 'barge'
  | 'other';

const BY_WORD: Readonly<Partial<Record<SpanWord, Colour>>> = {
  wait: 'wait',
  heard: 'caller',
  spoke: 'bot',
  endpointing: 'endpointing',
  sttTail: 'transcription',
  transcribing: 'transcription',
  firstWord: 'reply',
  thinking: 'reply',
  sentenceWait: 'sentence',
  firstSound: 'synthesis',
  synthesis: 'synthesis',
  botQueue: 'queue',
  carrier: 'carrier',
  saving: 'save',
  recordsApi: 'save',
  database: 'save',
  extracting: 'extraction',
  retrieval: 'retrieval',
  setup: 'setup',
  bargeIn: 'barge',
};

/** The colour of a plain word. */
export function colourOfWord(word: SpanWord | null): Colour {
  return (word && BY_WORD[word]) || 'other';
}

/** The colour of a span's bar. */
export function colourOf(span: SpanView): Colour {
  return colourOfWord(findSpanWord(span));
}
