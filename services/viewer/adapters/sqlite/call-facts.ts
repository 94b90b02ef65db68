import { Attr, SpanName } from 'callspan/conventions';
import type { StageTime } from '../../domain/call.ts';
import type { SpanRecord } from '../../domain/telemetry.ts';
import { findServiceName } from '../../domain/views.ts';

/** What the list of calls shows of a trace, gathered span by span; kept as JSON in the trace's row. */
export type CallFacts = {
  streamSid: string | null;
  outcome: string | null;
  endReason: string | null;
  language: string | null;
  direction: string | null;
  callerHash: string | null;
  /** Of the final `voice.call` span. */
  durationMs: number | null;
  /** Highest index of a `voice.turn` span: turn 0 is the greeting. */
  turns: number;
  worst: StageTime | null;
  errors: number;
  services: string[];
  hasWebhook: boolean;
  hasEnded: boolean;
};

/** Nothing known yet. */
export function createCallFacts(): CallFacts {
  return {
    streamSid: null,
    outcome: null,
    endReason: null,
    language: null,
    direction: null,
    callerHash: null,
    durationMs: null,
    turns: 0,
    worst: null,
    errors: 0,
    services: [],
    hasWebhook: false,
    hasEnded: false,
  };
}

/** Adds a span that was not stored before, or was open and has ended: each end is counted once. */
export function addToFacts(facts: CallFacts, span: SpanRecord): void {
  const isFinal = span.endNs !== 0n;
  facts.streamSid ??= findText(span, Attr.streamSid);
  facts.language ??= findText(span, Attr.callLanguage);
  facts.direction ??= findText(span, Attr.callDirection);
  facts.callerHash ??= findText(span, Attr.callerHash);
  if (span.name === SpanName.webhookVoice) facts.hasWebhook = true;
  if (span.name === SpanName.turn) facts.turns = Math.max(facts.turns, findTurnIndex(span) ?? 0);
  const service = findServiceName(span.resource.attributes);
  if (!facts.services.includes(service)) facts.services.push(service);
  if (!isFinal) return;
  if (span.status === 2) facts.errors += 1;
  if (span.name === SpanName.call) addEnd(facts, span);
  addStage(facts, span);
}

function addEnd(facts: CallFacts, span: SpanRecord): void {
  facts.hasEnded = true;
  facts.durationMs = Number(span.endNs - span.startNs) / 1e6;
  facts.outcome = findText(span, Attr.callOutcome);
  facts.endReason = findText(span, Attr.callEndReason);
  // What the call knows at its end wins over what was known at its start.
  facts.language = findText(span, Attr.callLanguage) ?? facts.language;
}

function addStage(facts: CallFacts, span: SpanRecord): void {
  const stage = findText(span, Attr.stage);
  const durationMs = Number(span.endNs - span.startNs) / 1e6;
  if (stage === null || (facts.worst && facts.worst.durationMs >= durationMs)) return;
  facts.worst = { stage, durationMs, turnIndex: findTurnIndex(span), spanId: span.spanId };
}

/** CallSid of the call that a span belongs to, null for a span of none. */
export function findCallSid(span: SpanRecord): string | null {
  return findText(span, Attr.conversationId) ?? findText(span, Attr.callSid);
}

/** Index of the turn that a span belongs to. */
export function findTurnIndex(span: SpanRecord): number | null {
  const index = span.attributes[Attr.turnIndex];
  return typeof index === 'bigint' || typeof index === 'number' ? Number(index) : null;
}

/** A text attribute of a span; null when it is missing, empty or no text. */
export function findText(span: SpanRecord, key: string): string | null {
  const value = span.attributes[key];
  return typeof value === 'string' && value !== '' ? value : null;
}
