import { type Attributes, type Context, SpanKind } from '@opentelemetry/api';
import type { CallTrace, KitTools } from '../call/call.ts';
import { callRefOf } from '../call/call-context.ts';
import type { OpenTurn } from '../call/observer.ts';
import type { CallSpan, SpanRequest } from '../call/open-spans.ts';
import {
  Attr,
  gapSegmentKey,
  Metric,
  Segment,
  type SegmentName,
  SpanEvent,
  SpanName,
  Stage,
} from '../conventions/index.ts';
import { criticalSegmentOf } from './partition.ts';
import type { BargeIn, Gap, PlayoutFigures, TurnReport } from './turn-record.ts';
import type { Maker, StagesBehind } from './turn-stages.ts';

/** Audio that a turn's synthesis has made so far, milliseconds; undefined when nobody counts it. */
export type GeneratedAudio = (turnIndex: number) => number | undefined;

type Options = {
  readonly call: CallTrace;
  readonly tools: Pick<KitTools, 'instruments'>;
  readonly generatedAudioMs: GeneratedAudio | undefined;
  /** Before a turn's span ends, when everything else of it is written. */
  readonly onTurnEnd: (turn: OpenTurn, endedAtMs: number) => void;
};

type OpenSpansOfTurn = { speech?: CallSpan; playout?: CallSpan };

const SEGMENT_SPAN: Readonly<Record<SegmentName, string>> = {
  [Segment.endpointing]: SpanName.endpointing,
  [Segment.sttTail]: SpanName.sttTail,
  [Segment.llmFirstToken]: SpanName.llmFirstToken,
  [Segment.sentenceWait]: SpanName.sentenceWait,
  [Segment.ttsFirstByte]: SpanName.ttsFirstByte,
  [Segment.botQueue]: SpanName.botQueue,
  [Segment.carrierBuffer]: SpanName.carrierBuffer,
};

/** Writes what was found out about turns as spans, attributes and metrics of their call. */
export function createTurnSpans({ call, tools, generatedAudioMs, onTurnEnd }: Options): TurnReport {
  const open = new Map<OpenTurn, OpenSpansOfTurn>();
  let bargeIns = 0;
  call.setAttributes({ [Attr.callBargeIns]: bargeIns });
  const spansOf = (turn: OpenTurn) => {
    const spans = open.get(turn) ?? {};
    open.set(turn, spans);
    return spans;
  };
  return {
    speechBegan(turn, startedAtMs) {
      const spans = spansOf(turn);
      spans.speech?.end(startedAtMs);
      spans.speech = startIn(call, turn.context, { name: SpanName.userSpeech, startedAtMs });
    },
    speechEnded(turn, endedAtMs) {
      const spans = spansOf(turn);
      spans.speech?.end(endedAtMs);
      delete spans.speech;
    },
    playoutBegan(turn, startedAtMs) {
      spansOf(turn).playout = startIn(call, turn.context, { name: SpanName.playout, startedAtMs });
    },
    measured(turn, gap) {
      writeGap(call, turn, gap);
      tools.instruments.record(Metric.turnPlatformGap, gap.platformMs / 1000);
    },
    unmeasured(turn, reason) {
      turn.setAttributes({ [Attr.turnUnmeasured]: reason });
      tools.instruments.record(Metric.turnUnmeasured, 1, { reason });
    },
    bargedIn(turn, bargeIn) {
      bargeIns += 1;
      call.setAttributes({ [Attr.callBargeIns]: bargeIns });
      writeBargeIn(call, { turn, bargeIn, generatedMs: generatedAudioMs?.(turn.index) });
    },
    underrun: (underrunMs) => tools.instruments.record(Metric.playoutUnderrun, underrunMs / 1000),
    ended(turn, playout, endedAtMs) {
      const { speech, playout: span } = spansOf(turn);
      speech?.end(endedAtMs);
      if (span && playout) {
        span.span.setAttributes(playoutAttributes(playout));
        span.end(playout.endedAtMs);
        if (playout.discardedMs > 0) tools.instruments.record(Metric.playoutDiscarded, playout.discardedMs / 1000);
      }
      open.delete(turn);
      onTurnEnd(turn, endedAtMs);
    },
  };
}

/** Starts a span of `call` below any context of it; after the call has ended it is nobody's and does nothing. */
export function startIn(call: CallTrace, parent: Context, request: SpanRequest): CallSpan {
  const active = callRefOf(parent)?.call ?? callRefOf(call.context)?.call;
  return active ? active.startSpanIn(request, parent) : call.startSpan(request);
}

/** Milliseconds with three decimals. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function writeGap(call: CallTrace, turn: OpenTurn, gap: Gap): void {
  const span = startIn(call, turn.context, {
    name: SpanName.responseGap,
    stage: Stage.responseGap,
    startedAtMs: gap.eosAtMs,
    attributes: {
      [Attr.gapSource]: gap.source,
      [Attr.gapUncertaintyMs]: roundMs(gap.uncertaintyMs),
      [Attr.gapPlatformMs]: roundMs(gap.platformMs),
      [Attr.eosSource]: gap.eosSource,
      ...(gap.isFiller ? { [Attr.gapFiller]: true } : {}),
      ...(gap.substantiveMs === undefined ? {} : { [Attr.gapSubstantiveMs]: roundMs(gap.substantiveMs) }),
    },
  });
  const attributes: Attributes = {};
  for (const { segment, fromMs, toMs } of gap.parts) {
    attributes[gapSegmentKey(segment)] = roundMs(toMs - fromMs);
    const request = { name: SEGMENT_SPAN[segment], stage: segment, kind: SpanKind.INTERNAL, startedAtMs: fromMs };
    startIn(call, span.context, { ...request, ...makerOf(segment, gap.behind) }).end(toMs);
  }
  const critical = criticalSegmentOf(gap.parts);
  turn.setAttributes(critical ? { ...attributes, [Attr.criticalSegment]: critical } : attributes);
  span.end(gap.playedAtMs);
}

function makerOf(
  segment: SegmentName,
  { transcription, reply, synthesis }: StagesBehind,
): Pick<SpanRequest, 'provider' | 'model'> {
  const makers: Partial<Record<SegmentName, Maker | undefined>> = {
    [Segment.sttTail]: transcription,
    [Segment.llmFirstToken]: reply,
    [Segment.sentenceWait]: reply,
    [Segment.ttsFirstByte]: synthesis,
  };
  const { provider, model } = makers[segment] ?? {};
  return { ...(provider ? { provider } : {}), ...(model ? { model } : {}) };
}

function writeBargeIn(
  call: CallTrace,
  { turn, bargeIn, generatedMs }: { turn: OpenTurn; bargeIn: BargeIn; generatedMs: number | undefined },
): void {
  const { onsetAtMs, clearSentAtMs, silentAtMs } = bargeIn;
  const span = startIn(call, turn.context, {
    name: SpanName.bargeIn,
    stage: Stage.bargeIn,
    startedAtMs: onsetAtMs,
    attributes: {
      [Attr.bargeInSentMs]: roundMs(bargeIn.sentMs),
      [Attr.bargeInHeardMs]: roundMs(bargeIn.heardMs),
      [Attr.bargeInDiscardedMs]: roundMs(bargeIn.discardedMs),
      ...(generatedMs === undefined ? {} : { [Attr.bargeInGeneratedMs]: roundMs(generatedMs) }),
      ...(clearSentAtMs === undefined
        ? {}
        : { [Attr.bargeInClearMs]: roundMs(Math.max(0, clearSentAtMs - onsetAtMs)) }),
    },
  });
  if (clearSentAtMs !== undefined) span.span.addEvent(SpanEvent.clearSent, {}, call.clock.wallTimeOf(clearSentAtMs));
  span.end(silentAtMs);
}

function playoutAttributes({ sentMs, heardMs, discardedMs, underrunMs, marks }: PlayoutFigures): Attributes {
  return {
    [Attr.playoutSentMs]: roundMs(sentMs),
    [Attr.playoutHeardMs]: roundMs(heardMs),
    [Attr.playoutDiscardedMs]: roundMs(discardedMs),
    [Attr.playoutUnderrunMs]: roundMs(underrunMs),
    [Attr.marksSent]: marks.sent,
    [Attr.marksAcked]: marks.acked,
    [Attr.marksFlushed]: marks.flushed,
  };
}
