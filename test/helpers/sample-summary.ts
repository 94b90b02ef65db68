import { Attr, SpanName } from 'callspan/conventions';
import type { CallCost, CallSummary, SpanView, WaitTime } from '../../services/viewer/api/types.ts';
import { findTurnIndex } from '../../services/viewer/page/src/model/attribute.ts';

type SummaryInput = {
  readonly callSid: string;
  readonly language: string;
  readonly failsToSave: boolean;
  readonly startedAtMs: number;
  readonly spans: readonly SpanView[];
};

/** The row of a call in the list, made of its spans. */
export function summarise({ callSid, language, failsToSave, startedAtMs, spans }: SummaryInput): CallSummary {
  const stages = spans.filter((span) => typeof span.attributes[Attr.stage] === 'string');
  const worst = stages.reduce<SpanView | null>((a, b) => ((b.durationMs ?? 0) > (a?.durationMs ?? -1) ? b : a), null);
  const call = spans.find((span) => span.name === SpanName.call);
  return {
    callSid,
    traceId: spans[0]?.traceId ?? '',
    streamSid: null,
    state: 'ended',
    outcome: failsToSave ? 'failed' : 'saved',
    endReason: 'caller_hangup',
    language,
    direction: 'inbound',
    callerHash: '7be2c41d90aa53f1',
    startedAtMs,
    durationMs: call?.durationMs ?? null,
    turns: spans.filter((span) => span.name === SpanName.turn).length - 1,
    worstStage: worst && {
      stage: String(worst.attributes[Attr.stage]),
      durationMs: worst.durationMs ?? 0,
      turnIndex: findTurnIndex(worst),
      spanId: worst.spanId,
    },
    waits: listWaits(spans),
    cost: findCost(spans, call),
    errors: spans.filter((span) => span.status === 'error').length,
    services: [...new Set(spans.map((span) => span.service))],
  };
}

function listWaits(spans: readonly SpanView[]): WaitTime[] {
  const text = (span: SpanView | undefined, key: string) => {
    const value = span?.attributes[key];
    return typeof value === 'string' ? value : null;
  };
  const turns = spans.filter((span) => span.name === SpanName.turn);
  return turns.flatMap((turn) => {
    const gap = spans.find((span) => span.name === SpanName.responseGap && span.parentSpanId === turn.spanId);
    const unmeasured = text(turn, Attr.turnUnmeasured);
    if (!gap && unmeasured === null) return [];
    return {
      turnIndex: findTurnIndex(turn) ?? 0,
      durationMs: gap?.durationMs ?? null,
      source: text(gap, Attr.gapSource),
      level: text(gap, Attr.thresholdLevelOnSpan),
      segment: text(turn, Attr.criticalSegment),
      unmeasured,
    };
  });
}

function findCost(spans: readonly SpanView[], call: SpanView | undefined): CallCost | null {
  const usd = call?.attributes[Attr.callCostUsd];
  if (typeof usd === 'number') return { usd, isKnown: call?.attributes[Attr.callCostKnown] === true };
  const spent = spans.flatMap((span) => span.attributes[Attr.costUsd] ?? []).map(Number);
  return spent.length === 0 ? null : { usd: spent.reduce((sum, one) => sum + one, 0), isKnown: false };
}
