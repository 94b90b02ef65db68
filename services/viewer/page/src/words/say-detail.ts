import { Attr } from 'callspan/conventions';
import type { SpanView } from '../../../api/types.ts';
import { formatDuration } from '../format/duration.ts';
import { findNumber, findText } from '../model/attribute.ts';
import { findSpanWord } from '../model/span-word.ts';
import { sayDeadAir } from './say.ts';
import type { Words } from './words.ts';

/** What a span did beside taking time, in a few words for its row; null where its name says all. */
export function sayDetail(words: Words, span: SpanView): string | null {
  switch (findSpanWord(span)) {
    case 'wait':
      return sayFiller(words, span);
    case 'spoke':
      return sayHeard(words, span, { sent: Attr.playoutSentMs, heard: Attr.playoutHeardMs });
    case 'bargeIn':
      return sayHeard(words, span, { sent: Attr.bargeInSentMs, heard: Attr.bargeInHeardMs });
    case 'deadAir':
      return sayDeadAir(words, findText(span, Attr.deadAirCause) ?? 'none');
    case 'attempt': {
      const status = findNumber(span, Attr.httpStatusCode);
      return status === null ? findText(span, Attr.errorType) : String(status);
    }
    case 'status':
      return findText(span, Attr.streamEvent) ?? findText(span, Attr.callStatus);
    case 'transcribing':
    case 'thinking':
    case 'extracting':
    case 'synthesis':
      return findText(span, Attr.requestModel);
    case 'retrieval':
      return findText(span, Attr.retrievalSource);
    default:
      return null;
  }
}

function sayFiller(words: Words, span: SpanView): string | null {
  const answerMs = findNumber(span, Attr.gapSubstantiveMs);
  const isFiller = span.attributes[Attr.gapFiller] === true;
  return isFiller && answerMs !== null ? words.details.filler(formatDuration(answerMs, words)) : null;
}

/** How much of what was sent was heard, where it was not all of it, and whether the speech had holes. */
function sayHeard(
  words: Words,
  span: SpanView,
  keys: { readonly sent: string; readonly heard: string },
): string | null {
  const sentMs = findNumber(span, keys.sent);
  const heardMs = findNumber(span, keys.heard);
  const underrunMs = findNumber(span, Attr.playoutUnderrunMs) ?? 0;
  const isCut = sentMs !== null && heardMs !== null && sentMs - heardMs >= 20;
  const parts = [
    isCut ? words.details.heardOf(formatDuration(heardMs, words), formatDuration(sentMs, words)) : null,
    underrunMs > 0 ? words.details.underrun(formatDuration(underrunMs, words)) : null,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(', ') : null;
}
