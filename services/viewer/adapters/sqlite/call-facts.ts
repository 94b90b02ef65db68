import { Attr, SpanName } from 'callspan/conventions';
import type { CallCost, StageTime, WaitTime } from '../../domain/call.ts';
import type { SpanRecord } from '../../domain/telemetry.ts';
import { findServiceName } from '../../domain/views.ts';
import { canFail, isHolder, listOutermost, type Step } from '../../failed-steps.ts';

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
  /** By turn; `segment` may come before or after the rest. */
  waits: WaitTime[];
  /** Sum of the cost of finished spans, US dollars; null when none told one. */
  spentUsd: number | null;
  /** Of the final `voice.call` span. */
  cost: CallCost | null;
  /** Steps that failed. */
  errors: number;
  /** Those of them and the failed spans within, at most {@link MAX_FAILED}: which is the outermost shows when its parent comes. */
  failed: Step[];
  /** A turn, the call or its webhook has failed as a whole. */
  hasFailedHolder: boolean;
  services: string[];
  hasWebhook: boolean;
  /** The final `voice.call` span is stored. */
  hasEnded: boolean;
  /** When Twilio said that the call is over, epoch microseconds; null while it has not. */
  hangUpUs: number | null;
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
    waits: [],
    spentUsd: null,
    cost: null,
    errors: 0,
    failed: [],
    hasFailedHolder: false,
    services: [],
    hasWebhook: false,
    hasEnded: false,
    hangUpUs: null,
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
  if (span.status === 2 && canFail(span.name)) addFailure(facts, span);
  if (span.name === SpanName.call) addEnd(facts, span);
  if (FINAL_STATUSES.has(findText(span, Attr.callStatus) ?? '')) facts.hangUpUs ??= Number(span.startNs / 1000n);
  addStage(facts, span);
  addWait(facts, span);
  const usd = findNumber(span, Attr.costUsd);
  if (usd !== null) facts.spentUsd = (facts.spentUsd ?? 0) + usd;
}

function addEnd(facts: CallFacts, span: SpanRecord): void {
  facts.hasEnded = true;
  facts.durationMs = Number(span.endNs - span.startNs) / 1e6;
  facts.outcome = findText(span, Attr.callOutcome);
  facts.endReason = findText(span, Attr.callEndReason);
  const usd = findNumber(span, Attr.callCostUsd);
  if (usd !== null) facts.cost = { usd, isKnown: span.attributes[Attr.callCostKnown] !== false };
  // What the call knows at its end wins over what was known at its start.
  facts.language = findText(span, Attr.callLanguage) ?? facts.language;
}

/** Failed spans that a row remembers; of those beyond, each whose parent is not among them counts. */
const MAX_FAILED = 200;

function addFailure(facts: CallFacts, { name, spanId, parentSpanId }: SpanRecord): void {
  const before = countFailures(facts);
  if (isHolder(name)) facts.hasFailedHolder = true;
  else if (facts.failed.length < MAX_FAILED) facts.failed.push({ spanId, parentSpanId });
  else if (!facts.failed.some((known) => known.spanId === parentSpanId)) facts.errors += 1;
  // By what changes, because rows that were written before hold their number only.
  facts.errors += countFailures(facts) - before;
}

function countFailures({ failed, hasFailedHolder }: CallFacts): number {
  return Math.max(listOutermost(failed).length, Number(hasFailedHolder));
}

/** After these Twilio says nothing more of a call (https://www.twilio.com/docs/voice/api/call-resource#call-status-values). */
const FINAL_STATUSES: ReadonlySet<string> = new Set(['completed', 'busy', 'no-answer', 'failed', 'canceled']);

/** What the list shows of waits; of more turns than that the longest ones are kept. */
const MAX_WAITS = 200;

function addWait(facts: CallFacts, span: SpanRecord): void {
  const turnIndex = findTurnIndex(span);
  // The greeting answers nobody: nobody waited for it.
  if (turnIndex === null || turnIndex < 1) return;
  const told = readWait(span);
  if (!told) return;
  const at = facts.waits.findIndex((wait) => wait.turnIndex === turnIndex);
  const known = facts.waits[at] ?? EMPTY_WAIT;
  const wait = { ...known, ...told, turnIndex };
  if (at >= 0) facts.waits[at] = wait;
  else if (makeRoom(facts.waits, wait)) {
    facts.waits.push(wait);
    facts.waits.sort((one, other) => one.turnIndex - other.turnIndex);
  }
}

/** @returns whether there is room for a wait, which one that is shorter may have to leave */
function makeRoom(waits: WaitTime[], wait: WaitTime): boolean {
  if (waits.length < MAX_WAITS) return true;
  const lengthOf = ({ durationMs }: WaitTime) => durationMs ?? -1;
  const shortest = waits.reduce((least, one) => (lengthOf(one) < lengthOf(least) ? one : least), wait);
  if (shortest === wait) return false;
  waits.splice(waits.indexOf(shortest), 1);
  return true;
}

const EMPTY_WAIT = { durationMs: null, source: null, level: null, segment: null, unmeasured: null };

function readWait(span: SpanRecord): Partial<WaitTime> | null {
  if (span.name === SpanName.responseGap) {
    const source = findText(span, Attr.gapSource);
    const durationMs = source === 'none' ? null : Number(span.endNs - span.startNs) / 1e6;
    return { durationMs, source, level: findText(span, Attr.thresholdLevelOnSpan) };
  }
  if (span.name !== SpanName.turn) return null;
  const segment = findText(span, Attr.criticalSegment);
  const unmeasured = findText(span, Attr.turnUnmeasured);
  return segment === null && unmeasured === null ? null : { segment, unmeasured };
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

/** A numeric attribute of a span; null when it is missing or no finite number. */
function findNumber(span: SpanRecord, key: string): number | null {
  const value = span.attributes[key];
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
